import { createInterface } from 'node:readline';
import { printable } from '../cli/printable.ts';
import type { Terminal } from '../cli/terminal.ts';
import { act } from './act.ts';
import { Conversation } from './conversation.ts';
import type { Item } from './item.ts';
import { parseInput } from './parse-input.ts';
import { readPrompt } from './read-prompt.ts';
import { displayName, type Tab, type TabName } from './tab.ts';

export interface LineOptions {
  /** How long answers are waited for after the last line. */
  readonly waitMs: number;
  readonly asJson: boolean;
}

const help = `Every line is said in the room. /reviewer and /you change who speaks; /approve, /reject because …, /edit {json} and
/respond …, each with the code of the approval where several wait, decide as the reviewer. /quit ends.
`;

/**
 * The conversation for programs and pipes: reads lines, prints what the others say, final texts alone. At the end of
 * the input it waits for what is still to be answered. Resolves with the exit code: 1 where an answer did not come.
 */
export async function runLines(
  tabs: readonly [Tab, ...Tab[]],
  terminal: Terminal,
  options: LineOptions,
): Promise<number> {
  const session = new LineSession(tabs, terminal, options);
  return session.run();
}

class LineSession {
  readonly #terminal: Terminal;
  readonly #options: LineOptions;
  readonly #conversation: Conversation;
  readonly #end = new AbortController();
  /** Text of what was printed, by tab and event: an edit is printed where it says something new. */
  readonly #printed = new Map<string, string>();
  /** Events of ours without an answer, and prompts without an outcome. */
  readonly #awaited = new Set<string>();
  #isStarted = false;
  #onSettled = Promise.withResolvers<void>();
  #active: TabName;

  constructor(tabs: readonly [Tab, ...Tab[]], terminal: Terminal, options: LineOptions) {
    this.#terminal = terminal;
    this.#options = options;
    this.#active = tabs[0].name;
    this.#conversation = new Conversation(tabs, () => this.#onChange());
  }

  async run(): Promise<number> {
    const { ended } = await this.#conversation.start(this.#end.signal);
    this.#onChange();
    this.#isStarted = true;
    try {
      return await Promise.race([ended.then(() => 0), this.#readAll()]);
    } finally {
      this.#end.abort();
    }
  }

  async #readAll(): Promise<number> {
    for await (const line of createInterface({ input: this.#terminal.stdin })) {
      const isOver = await this.#take(line);
      if (isOver) return 0;
    }
    const timeout = Promise.withResolvers<void>();
    const timer = setTimeout(timeout.resolve, this.#options.waitMs);
    while (this.#awaited.size > 0) {
      const isLate = await Promise.race([
        this.#onSettled.promise.then(() => false),
        timeout.promise.then(() => true),
      ]);
      if (isLate) break;
    }
    clearTimeout(timer);
    if (this.#awaited.size === 0) return 0;
    this.#terminal.stderr.write(`No answer within ${this.#options.waitMs / 1000} s\n`);
    return 1;
  }

  async #take(line: string): Promise<boolean> {
    const input = parseInput(
      line,
      this.#conversation.prompts().map(({ card }) => card.code),
    );
    switch (input.kind) {
      case 'nothing':
        return false;
      case 'quit':
        return true;
      case 'help':
        this.#terminal.stderr.write(help);
        return false;
      case 'mistake':
        this.#terminal.stderr.write(`${input.text}\n`);
        return false;
      default: {
        const { tab, note, sent, answered } = await act(this.#conversation, this.#active, input);
        this.#active = tab;
        if (note !== undefined) this.#terminal.stderr.write(`${note}\n`);
        if (answered !== undefined) this.#await('reviewer', answered);
        else if (sent !== undefined && tab === 'you') this.#await('you', sent);
        return false;
      }
    }
  }

  #await(tab: TabName, id: string): void {
    this.#awaited.add(id);
    for (const item of this.#conversation.state(tab).items) this.#settle(item);
  }

  #onChange(): void {
    for (const { name, person } of this.#conversation.tabs) {
      for (const item of this.#conversation.state(name).items) {
        const key = `${name} ${item.id}`;
        if (item.sender === person.userId || item.kind === 'draft' || this.#printed.get(key) === item.text)
          continue;
        this.#printed.set(key, item.text);
        if (this.#isStarted) this.#print(name, item);
        this.#settle(item);
      }
    }
  }

  #settle(item: Item): void {
    const isFinal = ['reply', 'failed', 'status', 'message', 'notice'].includes(item.kind);
    const isDecided =
      ['approval', 'outcome'].includes(item.kind) && (readPrompt(item.text)?.outcome.length ?? 0) > 0;
    const done = isDecided ? item.id : isFinal ? item.answers : undefined;
    if (done === undefined || !this.#awaited.delete(done)) return;
    this.#onSettled.resolve();
    this.#onSettled = Promise.withResolvers<void>();
  }

  #print(tab: TabName, item: Item): void {
    const { stdout } = this.#terminal;
    if (this.#options.asJson) {
      const code = item.kind === 'approval' ? readPrompt(item.text)?.code : undefined;
      stdout.write(`${JSON.stringify({ tab, ...item, code })}\n`);
      return;
    }
    const name = printable(displayName(this.#conversation.state(tab).names, item.sender));
    stdout.write(`[${tab}] ${name}: ${printable(item.text).replaceAll('\n', '\n    ')}\n`);
  }
}
