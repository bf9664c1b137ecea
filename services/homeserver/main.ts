import pino from 'pino';
import { readConfig } from './config.ts';
import { HomeserverConfigError } from './errors.ts';
import { createHomeserver } from './homeserver.ts';

const log = pino({ name: 'homeserver', level: process.env['LOG_LEVEL'] ?? 'info' });
try {
  const homeserver = createHomeserver(readConfig(process.env), { log });
  await homeserver.start();
  log.info({ url: homeserver.url, serverName: homeserver.serverName }, 'development homeserver listens');
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      homeserver.stop().catch((error: unknown) => {
        log.error({ err: error }, 'stop failed');
        process.exitCode = 1;
      });
    });
  }
} catch (error) {
  if (error instanceof HomeserverConfigError) log.fatal(error.message);
  else log.fatal({ err: error }, 'the homeserver cannot start');
  process.exitCode = 1;
}
