/** One request as a test reads it. `status` is missing while the request is still open. */
export interface LoggedRequest {
  at: number;
  method: string;
  /** Without the query. */
  path: string;
  query: string;
  txnId?: string;
  user?: string;
  status?: number;
}

/** The last requests, oldest first. */
export class RequestLog {
  readonly #capacity: number;
  #requests: LoggedRequest[] = [];

  constructor(capacity = 20_000) {
    this.#capacity = capacity;
  }

  add(request: LoggedRequest): void {
    this.#requests.push(request);
    if (this.#requests.length > 2 * this.#capacity) this.#requests = this.#requests.slice(-this.#capacity);
  }

  all(): readonly LoggedRequest[] {
    return this.#requests.slice(-this.#capacity);
  }

  clear(): void {
    this.#requests = [];
  }
}
