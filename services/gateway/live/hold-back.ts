type Frame = string | Buffer;

/** Keeps frames until it is known whether a resume comes, which would tell the same again. */
export interface HoldBack {
  tell(frame: Frame, isEvent?: boolean): void;
  /** Hands on what was held; from here on nothing is. */
  release(): void;
  /** Forgets what was held, as somebody else tells it. */
  drop(): void;
  /** True once an event was handed on. */
  readonly hasTold: boolean;
}

export function createHoldBack(send: (frame: Frame) => void, most: number): HoldBack {
  let held: { frame: Frame; isEvent: boolean }[] | undefined = [];
  let hasTold = false;
  const release = () => {
    const frames = held ?? [];
    held = undefined;
    hasTold ||= frames.some(({ isEvent }) => isEvent);
    for (const { frame } of frames) send(frame);
  };
  return {
    get hasTold() {
      return hasTold;
    },
    release,
    drop: () => {
      held = undefined;
      hasTold = true;
    },
    tell: (frame, isEvent = false) => {
      if (held === undefined) {
        hasTold ||= isEvent;
        send(frame);
        return;
      }
      held.push({ frame, isEvent });
      if (held.length > most) release();
    },
  };
}
