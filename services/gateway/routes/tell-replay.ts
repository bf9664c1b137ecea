import type { DeadLetter } from '#operations/dead-letters/dead-letter';
import { foreseeReplay } from '#operations/dead-letters/foresee-replay';
import type { Transport } from '#streams/open-transport';

/** What replaying a letter would do, as things stand now, for the person who is about to do it. Changes nothing. */
export async function tellReplay(transport: Transport, letter: DeadLetter): Promise<string> {
  const foreseen = await foreseeReplay(transport, letter);
  if (!foreseen.canReplay) return `Cannot be replayed: ${foreseen.obstacle}.`;
  const { stream, partition, behind, fact, ledger, session, lastTurnAt } = foreseen;
  const before = behind === 0 ? '' : `, behind ${behind} that wait`;
  const told = [`Would be appended to ${stream} of partition ${partition} again${before}.`];
  if (fact !== null) {
    const now =
      ledger === null
        ? 'is forgotten'
        : ledger === 'dead'
          ? 'was given up'
          : `is "${ledger.replace(/^done:/, '')}"`;
    told.push(
      `Its fact ${now} in the ledger; it would count as never handled, and run with all its attempts.`,
    );
  }
  if (session !== null) {
    told.push(
      lastTurnAt === null
        ? 'Its conversation was reset or has expired: it would begin anew.'
        : `Its conversation is alive, its last turn was at ${lastTurnAt.slice(0, 19).replace('T', ' ')} UTC: this would come behind what was said since.`,
    );
  }
  return told.join(' ');
}
