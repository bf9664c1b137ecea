import { emitKeypressEvents } from 'node:readline';
import { paintFor } from '../cli/paint.ts';
import type { Terminal } from '../cli/terminal.ts';
import { act } from './act.ts';
import { Conversation } from './conversation.ts';
import { editLine, emptyLine, insertText, type Key, type Line, lineOf, textOf } from './line-editor.ts';
import { parseInput } from './parse-input.ts';
import { renderFrame, suggestions } from './render-frame.ts';
import { Screen } from './screen.ts';
import type { Tab, TabName } from './tab.ts';

export interface ScreenOptions {
  /** Ends the conversation from outside. */
  readonly signal: AbortSignal;
  /** Called with a function that shows news of the system in the conversation. */
  readonly onNews?: (show: (message: string) => void) => void;
  /** Where the same can be done in a browser, as long as nothing was said. */
  readonly page?: string | undefined;
}

const tickMs = 350;
const noteMs = 8_000;

/** A conversation that fills the terminal. Resolves when the person leaves, or `signal` ends it. */
export async function runScreen(
  tabs: readonly [Tab, ...Tab[]],
  terminal: Terminal,
  options: ScreenOptions,
): Promise<void> {
  const session = new ScreenSession(tabs, terminal, options.page);
  options.onNews?.((message) => session.tell(message));
  await session.run(options.signal);
}

class ScreenSession {
  readonly #terminal: Terminal;
  readonly #page: string | undefined;
  readonly #conversation: Conversation;
  readonly #end = new AbortController();
  readonly #history: string[] = [];
  #screen: Screen | undefined;
  #active: TabName;
  #line: Line = emptyLine;
  #historyAt = 0;
  #scrolled = 0;
  #mostScrolled = 0;
  #note = '';
  #noteTimer: NodeJS.Timeout | undefined;
  #isHelpShown = false;
  #isPasting = false;
  #tick = 0;
  #isDrawPlanned = false;

  constructor(tabs: readonly [Tab, ...Tab[]], terminal: Terminal, page: string | undefined) {
    this.#terminal = terminal;
    this.#page = page;
    this.#active = tabs[0].name;
    this.#conversation = new Conversation(tabs, () => this.#plan());
  }

  async run(signal: AbortSignal): Promise<void> {
    const { stdin, stdout } = this.#terminal;
    const ending = AbortSignal.any([signal, this.#end.signal]);
    const { ended } = await this.#conversation.start(ending);
    using screen = new Screen(stdout);
    this.#screen = screen;
    const onKey = (text: string | undefined, key: Key): void => this.#onKey(text, key);
    const onResize = (): void => {
      screen.forget();
      this.#plan();
    };
    emitKeypressEvents(stdin);
    stdin.setRawMode(true);
    stdin.resume();
    stdin.on('keypress', onKey);
    stdout.on('resize', onResize);
    const ticking = setInterval(() => this.#onTick(), tickMs);
    this.#plan();
    try {
      await ended;
    } finally {
      clearInterval(ticking);
      clearTimeout(this.#noteTimer);
      stdin.off('keypress', onKey);
      stdout.off('resize', onResize);
      stdin.setRawMode(false);
      stdin.pause();
      this.#screen = undefined;
      this.#end.abort();
    }
  }

  /** Shows it for some seconds above the line that is typed. */
  tell(message: string): void {
    this.#note = message;
    clearTimeout(this.#noteTimer);
    this.#noteTimer = setTimeout(() => {
      this.#note = '';
      this.#plan();
    }, noteMs);
    this.#plan();
  }

  #plan(): void {
    if (this.#isDrawPlanned || this.#screen === undefined) return;
    this.#isDrawPlanned = true;
    setImmediate(() => {
      this.#isDrawPlanned = false;
      this.#draw();
    });
  }

  #draw(): void {
    const { stdout } = this.#terminal;
    const tabs = this.#conversation.tabs.map(({ name, person, title }) => ({
      name,
      title,
      self: person.userId,
      state: this.#conversation.state(name),
    }));
    const view = {
      tabs,
      active: this.#active,
      line: this.#line,
      scrolled: this.#scrolled,
      note: this.#note,
      trouble: this.#conversation.trouble,
      isHelpShown: this.#isHelpShown,
      tick: this.#tick,
      page: this.#page,
    };
    const frame = renderFrame(view, stdout.columns || 80, stdout.rows || 24, paintFor(this.#terminal));
    this.#mostScrolled = frame.mostScrolled;
    this.#screen?.draw(frame);
  }

  #onTick(): void {
    if (this.#conversation.state(this.#active).typing.length === 0) return;
    this.#tick += 1;
    this.#plan();
  }

  #onKey(text: string | undefined, key: Key): void {
    const isEnd =
      key.ctrl === true && (key.name === 'c' || (key.name === 'd' && this.#line.signs.length === 0));
    if (isEnd) this.#end.abort();
    else if (this.#isHelpShown) this.#isHelpShown = false;
    else if (!this.#onCommandKey(key)) this.#onEditKey(text, key);
    this.#plan();
  }

  /** True where the key does something beside editing. */
  #onCommandKey(key: Key): boolean {
    switch (key.name) {
      case 'paste-start':
      case 'paste-end':
        this.#isPasting = key.name === 'paste-start';
        return true;
      case 'return':
      case 'enter':
        if (this.#isPasting || key.meta === true) this.#line = insertText(this.#line, '\n');
        else this.#submit();
        return true;
      case 'tab':
        this.#goTo(this.#conversation.tabs.find(({ name }) => name !== this.#active)?.name ?? this.#active);
        return true;
      case 'pageup':
      case 'pagedown':
        return this.#scroll(key.name === 'pageup' ? 1 : -1);
      case 'up':
      case 'down':
        return this.#recall(key.name === 'up' ? -1 : 1);
      case 'escape':
        this.#line = emptyLine;
        return true;
      case 'l':
        if (key.ctrl === true) this.#screen?.forget();
        return key.ctrl === true;
      default:
        return false;
    }
  }

  #onEditKey(text: string | undefined, key: Key): void {
    const edited = editLine(this.#line, key);
    if (edited !== undefined) {
      this.#line = edited;
      return;
    }
    if (text === undefined || key.ctrl === true || key.meta === true || /^[\u0000-\u001f\u007f]/.test(text))
      return;
    const offered = this.#line.signs.length === 0 && !this.#isPasting ? this.#offer(text) : undefined;
    this.#line = offered === undefined ? insertText(this.#line, text) : lineOf(offered);
    if (offered === undefined && !textOf(this.#line).startsWith('/')) this.#conversation.typed(this.#active);
  }

  /** A number on an empty line fills in what it stands for; Enter then does it, so no slip of a finger decides. */
  #offer(text: string): string | undefined {
    const number = /^[1-4]$/.test(text) ? Number(text) : 0;
    if (number === 0) return undefined;
    if (this.#active === 'you') {
      return this.#conversation.state('you').items.length === 0 ? suggestions[number - 1] : undefined;
    }
    const [prompt] = this.#conversation.prompts();
    if (prompt === undefined) return undefined;
    const { code, actions } = prompt.card;
    return [
      `/approve ${code}`,
      `/reject ${code} because `,
      `/edit ${code} ${actions[0]?.args ?? ''}`,
      `/respond ${code} `,
    ][number - 1];
  }

  #scroll(direction: 1 | -1): true {
    const page = Math.max(1, (this.#terminal.stdout.rows || 24) - 8);
    this.#scrolled = Math.max(0, Math.min(this.#mostScrolled, this.#scrolled + direction * page));
    return true;
  }

  #recall(direction: 1 | -1): true {
    this.#historyAt = Math.max(0, Math.min(this.#history.length, this.#historyAt + direction));
    this.#line = lineOf(this.#history[this.#historyAt] ?? '');
    return true;
  }

  #goTo(name: TabName): void {
    this.#active = name;
    this.#scrolled = 0;
    this.#conversation.lookAt(name);
  }

  #submit(): void {
    const text = textOf(this.#line);
    const input = parseInput(
      text,
      this.#conversation.prompts().map(({ card }) => card.code),
    );
    if (input.kind === 'nothing') return;
    if (input.kind === 'mistake') {
      this.tell(input.text);
      return;
    }
    this.#line = emptyLine;
    this.#history.push(text);
    this.#historyAt = this.#history.length;
    if (input.kind === 'quit') this.#end.abort();
    else if (input.kind === 'help') this.#isHelpShown = true;
    else void this.#act(text, input);
  }

  async #act(text: string, input: Parameters<typeof act>[2]): Promise<void> {
    this.#scrolled = 0;
    const from = this.#active;
    try {
      const { tab, note } = await act(this.#conversation, from, input);
      if (tab !== from) this.#goTo(tab);
      if (note !== undefined) this.tell(note);
    } catch (error) {
      this.tell(`Not sent: ${error instanceof Error ? error.message : String(error)}`);
      if (this.#line.signs.length === 0) this.#line = lineOf(text);
      this.#plan();
    }
  }
}
