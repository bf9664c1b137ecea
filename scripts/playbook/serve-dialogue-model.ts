import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { loadPlaybook } from '#playbook/load-playbook';
import { createProtect } from '#privacy/create-protect';
import { startDialogueModel } from './dialogue-model.ts';
import { scriptedTurns } from './find-turn.ts';
import { readDialogues } from './read-dialogues.ts';

/**
 * Serves the model that the dialogues of a playbook script, for `OPENAI_BASE_URL`:
 * `PORT=9100 node scripts/playbook/serve-dialogue-model.ts [folder]`.
 */
const example = fileURLToPath(new URL('../../services/worker/playbook', import.meta.url));
const dir = process.argv[2] ?? (process.env['PLAYBOOK_DIR'] || example);
const { policies } = await loadPlaybook(dir, { reviewers: ['@reviewer:example.org'] });
const protect = createProtect({ policy: policies.privacy, key: undefined });
const turns = scriptedTurns(await readDialogues(dir), protect);
const model = await startDialogueModel({ port: Number(process.env['PORT'] ?? 0), turns });
process.stdout.write(`OPENAI_BASE_URL=${model.url}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void model.stop());
