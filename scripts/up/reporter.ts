/** Tells whoever started the system how it goes. */
export interface Reporter {
  /** Something begins that takes a moment; the returned function says that it is done, and what came of it. */
  begin(what: string): (outcome: string, details?: object) => void;
  info(message: string, details?: object): void;
  warn(message: string, details?: object): void;
  /** A line that a service wrote, without its line feed. */
  serviceLine(service: string, line: string): void;
}
