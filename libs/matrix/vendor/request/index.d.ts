declare function request(params: request.Params, callback: request.Callback): void;

declare namespace request {
  interface Params {
    readonly uri: string;
    readonly method: string;
    readonly qs?: Readonly<Record<string, unknown>> | null;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Uint8Array;
    /** null: the body of the answer is a Buffer, else text. */
    readonly encoding?: string | null;
    /** Milliseconds for the whole exchange. */
    readonly timeout?: number;
    /** With `encoding: null`: an answer with more bytes is broken off, and the error's name is `tooLarge`. */
    readonly maxBytes?: number;
    readonly signal?: AbortSignal;
  }

  interface Response {
    readonly statusCode: number;
    /** Names in lower case. */
    readonly headers: Readonly<Record<string, string>>;
    body: string | Buffer;
  }

  /** The name of the error of an answer that is too large. */
  const tooLarge: 'TooLargeError';

  /** Called once: with an error alone, or with null, the response and its body. */
  type Callback = (error: Error | null, response?: Response, body?: string | Buffer) => void;
}

export = request;
