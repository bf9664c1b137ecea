import type { Story } from '#operations/story/story';
import { tellStory } from '#operations/story/tell-story';
import type { Command } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { openRedis } from '../cli/open-redis.ts';
import { paintFor } from '../cli/paint.ts';
import { parseOptions } from '../cli/parse-options.ts';
import type { Terminal } from '../cli/terminal.ts';
import { renderStory } from '../why/render-story.ts';

const usage = `Usage: vagent why EVENT [--json]

Tells how a reply came about: when the message was received and how long it waited, what it was understood as, which
agents and tools worked on it, who was asked for an approval and who decided what, attempts that did not end, tokens
and cost, and when the reply was posted. EVENT is the id of any message that vagent read or posted ($…), the id of a
turn, or the id or code of an approval. Accounts of turns are kept for 7 days, the last 100 of each conversation.
`;

export const why: Command = {
  usage,
  async run(args, terminal) {
    const { values, positionals } = parseOptions(args, { json: { type: 'boolean', default: false } });
    const [event, ...more] = positionals;
    if (event === undefined) {
      throw new UsageError(
        'Why what? Give the id of an event, in single quotes: the shell reads $ in others',
      );
    }
    if (more.length > 0) throw new UsageError('One id at a time, please');
    await using transport = await openRedis(terminal.env);
    const story = await tellStory(transport, event);
    terminal.stdout.write(values.json ? `${JSON.stringify(story)}\n` : shown(story, terminal));
    return 0;
  },
};

function shown(story: Story, terminal: Terminal): string {
  const { stdout } = terminal;
  return renderStory(story, Math.min(stdout.columns || 100, 120), paintFor(terminal));
}
