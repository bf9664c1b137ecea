export type ComponentState = 'ok' | 'idle' | 'stalled';

export interface Watch {
  /** Says that a round of work was done; from now on the next one is due within `stalledAfterMs`. */
  beat(): void;
  /** Says that waiting is legitimate, for however long, until the next `beat`. */
  idle(): void;
  /** Ends the watch: the component stopped on purpose. */
  close(): void;
}

export interface Progress {
  /** Starts to watch a component; it counts as beaten now. A name that is being watched already throws. */
  watch(name: string, options: { readonly stalledAfterMs: number }): Watch;
  isStalled(): boolean;
  /** The state of each component, in the order of `watch`. */
  states(): ReadonlyMap<string, ComponentState>;
}

interface Component {
  readonly stalledAfterMs: number;
  /** Undefined while idle. */
  beatenAt: number | undefined;
}

/**
 * Liveness by progress: a process that is up but whose loops stand still counts as stalled, so that its orchestrator
 * starts it anew.
 *
 * @param now milliseconds that only grow.
 */
export function createProgress(now: () => number = () => performance.now()): Progress {
  const components = new Map<string, Component>();

  function stateOf({ beatenAt, stalledAfterMs }: Component): ComponentState {
    if (beatenAt === undefined) return 'idle';
    return now() - beatenAt > stalledAfterMs ? 'stalled' : 'ok';
  }

  function states(): ReadonlyMap<string, ComponentState> {
    return new Map([...components].map(([name, component]) => [name, stateOf(component)]));
  }

  return {
    watch: (name, { stalledAfterMs }) => {
      if (components.has(name)) throw new Error(`Component ${name} is being watched already: name each once`);
      const component: Component = { stalledAfterMs, beatenAt: now() };
      components.set(name, component);
      return {
        beat: () => {
          component.beatenAt = now();
        },
        idle: () => {
          component.beatenAt = undefined;
        },
        close: () => {
          if (components.get(name) === component) components.delete(name);
        },
      };
    },
    isStalled: () => [...components.values()].some((component) => stateOf(component) === 'stalled'),
    states,
  };
}
