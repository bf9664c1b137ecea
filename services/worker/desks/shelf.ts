import { createDesk, type DeskDeps, type OpenDesk } from '#agents/desk/create-desk';
import type { Observer } from '#agents/observed/agent-metrics';
import { observeDesk } from '#agents/observed/observe-desk';
import { observeModels } from '#agents/observed/observe-models';
import type { ToolRegistry } from '#agents/tools/tool-registry';
import type { Playbook } from '#playbook/playbook';

/** Compiled playbooks by their version; one of them is current. */
export interface Shelf {
  /** @throws {TypeError} before the first one was installed. */
  current(): OpenDesk;
  get(version: string): Promise<OpenDesk | undefined>;
  /** Compiles a version beside the current one, once. */
  add(playbook: Playbook): Promise<OpenDesk>;
  /** Makes a version the current one. */
  install(playbook: Playbook): Promise<void>;
  /** The tools of the current version, then those of the others. */
  readonly tools: ToolRegistry;
  close(): Promise<void>;
}

/** Versions beside the current one that stay compiled; others are compiled again when a session needs them. */
const mostOld = 4;

export interface ShelfDeps extends DeskDeps {
  readonly observer: Observer;
}

export function createShelf(deps: ShelfDeps): Shelf {
  const desks = new Map<string, Promise<OpenDesk>>();
  /** Those that are compiled, the current one first. */
  let opened: readonly OpenDesk[] = [];
  const current = (): OpenDesk => {
    const [newest] = opened;
    if (newest === undefined) throw new TypeError('No playbook has been installed');
    return newest;
  };
  const compile = async (playbook: Playbook): Promise<OpenDesk> => {
    try {
      const { prices } = playbook.policies.budgets;
      const about = { usualName: deps.modelName, prices };
      const model = observeModels(deps.model, deps.observer, about);
      const desk = observeDesk(await createDesk(playbook, { ...deps, model }), deps.observer);
      opened = [...opened, desk];
      return desk;
    } catch (error) {
      // Tried again when it is needed again.
      desks.delete(playbook.version);
      throw error;
    }
  };
  const add = (playbook: Playbook): Promise<OpenDesk> => {
    const desk = desks.get(playbook.version) ?? compile(playbook);
    desks.set(playbook.version, desk);
    return desk;
  };
  const close = async (old: readonly OpenDesk[]): Promise<void> => {
    opened = opened.filter((desk) => !old.includes(desk));
    for (const desk of old) {
      desks.delete(desk.playbook.version);
      await desk[Symbol.asyncDispose]();
    }
  };
  const registryOf = (name: string): ToolRegistry =>
    (opened.find(({ tools }) => tools.get(name) !== undefined) ?? current()).tools;
  return {
    current,
    add,
    get: async (version) => desks.get(version),
    install: async (playbook) => {
      const newest = await add(playbook);
      opened = [newest, ...opened.filter((desk) => desk !== newest)];
      await close(opened.slice(1 + mostOld));
    },
    tools: {
      get: (name) => registryOf(name).get(name),
      check: (name, args) => registryOf(name).check(name, args),
      names: () => current().tools.names(),
      descriptions: () => current().tools.descriptions(),
    },
    close: () => close(opened),
  };
}
