import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** Starts the fixture service as its child, as the vagent command does, and then just is its parent. */
const path = fileURLToPath(new URL('./runtime-service.ts', import.meta.url));
const isByChannel = process.env['LAUNCH_BY'] === 'channel';
const env = { ...process.env, ...(isByChannel ? {} : { VAGENT_PARENT_PID: String(process.pid) }) };
const child = spawn(process.execPath, [path], {
  env,
  stdio: isByChannel ? ['ignore', 'inherit', 'inherit', 'ipc'] : ['ignore', 'inherit', 'inherit'],
});
process.stdout.write(`child ${child.pid}\n`);
setInterval(() => undefined, 3_600_000);
