/** What a job asks of its lane: nothing more, or to be run again after so many milliseconds. */
export type JobResult = undefined | { readonly againMs: number };

export interface Job<T> {
  readonly item: T;
  readonly run: () => Promise<JobResult>;
}

interface Lane<T> {
  readonly name: string;
  readonly share: string;
  readonly jobs: Job<T>[];
  state: 'queued' | 'running' | 'pausing';
  timer?: NodeJS.Timeout;
  /** A job has joined since the one that runs began, or since it asked last. */
  hasArrived: boolean;
  onArrival: (() => void)[];
  /** What `behind` answered; undefined since its jobs have changed. */
  behind: readonly T[] | undefined;
}

/**
 * Serial queues, many at once: jobs of a lane run one after the other in order, `concurrency` lanes run at the
 * same time, at most `perShare` of one share, and lanes that wait take turns by share, so that a busy share gets one
 * place like any other.
 *
 * A job that asks to be run again keeps its lane waiting and gives up its place meanwhile. Jobs must not throw.
 */
export class Lanes<T> {
  readonly #concurrency: number;
  readonly #perShare: number;
  readonly #lanes = new Map<string, Lane<T>>();
  /** Lanes that could run now, by share; the map's order is the order of turns. */
  readonly #waiting = new Map<string, Lane<T>[]>();
  #running = 0;
  /** Lanes that run, by share. */
  readonly #runningOf = new Map<string, number>();
  #size = 0;
  #isClosed = false;
  #onIdle: (() => void)[] = [];

  constructor(concurrency: number, perShare = concurrency) {
    this.#concurrency = concurrency;
    this.#perShare = perShare;
  }

  /** Jobs that wait or run. */
  get size(): number {
    return this.#size;
  }

  get running(): number {
    return this.#running;
  }

  add(name: string, share: string, job: Job<T>): void {
    if (this.#isClosed) return;
    this.#size += 1;
    const lane = this.#lanes.get(name);
    if (lane !== undefined) {
      lane.jobs.push(job);
      lane.behind = undefined;
      this.#announce(lane);
      return;
    }
    const opened: Lane<T> = {
      name,
      share,
      jobs: [job],
      state: 'queued',
      hasArrived: false,
      onArrival: [],
      behind: undefined,
    };
    this.#lanes.set(name, opened);
    this.#queue(opened);
    this.#fill();
  }

  /** The items behind the one that runs in this lane; the same array as long as they are the same. */
  behind(name: string): readonly T[] {
    const lane = this.#lanes.get(name);
    if (lane === undefined) return [];
    lane.behind ??= lane.jobs.slice(1).map((job) => job.item);
    return lane.behind;
  }

  /** Resolves when a job joins the lane, at once when one has joined since the call before or since the begin. */
  arrival(name: string): Promise<void> {
    const lane = this.#lanes.get(name);
    if (lane === undefined) return Promise.resolve();
    if (lane.hasArrived) {
      lane.hasArrived = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      lane.onArrival.push(resolve);
    });
  }

  /**
   * Drops the jobs that have not begun and of whose item this is true, and returns their items; jobs that pause
   * count as not begun.
   */
  drop(isDropped: (item: T) => boolean): T[] {
    const dropped: T[] = [];
    for (const lane of [...this.#lanes.values()]) {
      const runs = lane.state === 'running' ? lane.jobs.splice(0, 1) : [];
      const kept: Job<T>[] = [];
      for (const job of lane.jobs) {
        if (isDropped(job.item)) dropped.push(job.item);
        else kept.push(job);
      }
      lane.jobs.splice(0, lane.jobs.length, ...runs, ...kept);
      lane.behind = undefined;
      if (lane.jobs.length === 0) this.#close(lane);
    }
    this.#size -= dropped.length;
    this.#settleIdle();
    return dropped;
  }

  /** Takes no more, drops what has not begun and waits for what runs. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.drop(() => true);
    await this.idle();
  }

  /** Resolves when nothing waits and nothing runs. */
  async idle(): Promise<void> {
    if (this.#size === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle.push(resolve);
    });
  }

  #announce(lane: Lane<T>): void {
    lane.hasArrived = lane.onArrival.length === 0;
    for (const resolve of lane.onArrival.splice(0)) resolve();
  }

  #queue(lane: Lane<T>): void {
    lane.state = 'queued';
    const share = this.#waiting.get(lane.share);
    if (share === undefined) this.#waiting.set(lane.share, [lane]);
    else share.push(lane);
  }

  #fill(): void {
    while (this.#running < this.#concurrency) {
      const lane = this.#next();
      if (lane === undefined) return;
      void this.#run(lane);
    }
  }

  /** The first lane of the share whose turn it is and that has a place; the share goes to the end of the order. */
  #next(): Lane<T> | undefined {
    for (const [share, lanes] of this.#waiting) {
      if ((this.#runningOf.get(share) ?? 0) >= this.#perShare) continue;
      this.#waiting.delete(share);
      const lane = lanes.shift();
      if (lanes.length > 0) this.#waiting.set(share, lanes);
      if (lane !== undefined) return lane;
    }
    return undefined;
  }

  async #run(lane: Lane<T>): Promise<void> {
    const job = lane.jobs[0];
    if (job === undefined) return;
    lane.state = 'running';
    // Whoever still waits is of a job that has ended: it must not take the news away from this one.
    for (const resolve of lane.onArrival.splice(0)) resolve();
    lane.hasArrived = false;
    this.#count(lane.share, 1);
    const result = await job.run();
    this.#count(lane.share, -1);
    if (result === undefined) this.#finish(lane);
    else this.#pause(lane, result.againMs);
    this.#fill();
  }

  #count(share: string, by: 1 | -1): void {
    this.#running += by;
    const ofShare = (this.#runningOf.get(share) ?? 0) + by;
    if (ofShare === 0) this.#runningOf.delete(share);
    else this.#runningOf.set(share, ofShare);
  }

  #finish(lane: Lane<T>): void {
    lane.jobs.shift();
    lane.behind = undefined;
    this.#size -= 1;
    if (lane.jobs.length > 0) this.#queue(lane);
    else this.#close(lane);
    this.#settleIdle();
  }

  #pause(lane: Lane<T>, ms: number): void {
    if (this.#isClosed) {
      this.#size -= lane.jobs.length;
      this.#close(lane);
      this.#settleIdle();
      return;
    }
    lane.state = 'pausing';
    lane.timer = setTimeout(() => {
      this.#queue(lane);
      this.#fill();
    }, ms);
  }

  #close(lane: Lane<T>): void {
    clearTimeout(lane.timer);
    for (const resolve of lane.onArrival.splice(0)) resolve();
    this.#lanes.delete(lane.name);
    const share = this.#waiting.get(lane.share)?.filter((waiting) => waiting !== lane);
    if (share === undefined) return;
    if (share.length === 0) this.#waiting.delete(lane.share);
    else this.#waiting.set(lane.share, share);
  }

  #settleIdle(): void {
    if (this.#size > 0) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}
