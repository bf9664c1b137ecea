import type { Tool } from '#agents/tools/tool';

/** Notes which tools are called. */
export interface ToolWatch {
  readonly tools: readonly Tool[];
  /** Names, in order, since the last call. */
  takeRan(): readonly string[];
}

export function watchTools(tools: readonly Tool[]): ToolWatch {
  let ran: string[] = [];
  const watched = tools.map(
    (tool): Tool => ({
      ...tool,
      run: (args, call) => {
        ran.push(tool.name);
        return tool.run(args, call);
      },
    }),
  );
  return {
    tools: watched,
    takeRan: () => {
      const taken = ran;
      ran = [];
      return taken;
    },
  };
}
