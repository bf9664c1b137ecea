import { Buffer } from 'node:buffer';
import type { LiveEvent, ServerFrame } from '../api/live.ts';

/** Events as bytes, made once for each event however many readers get it. */
export interface Frames {
  /** A text frame of the WebSocket. */
  socket(event: LiveEvent): Buffer;
  /** An event of an event stream. */
  stream(event: LiveEvent): Buffer;
}

export function createFrames(): Frames {
  const ofSocket = new WeakMap<LiveEvent, Buffer>();
  const ofStream = new WeakMap<LiveEvent, Buffer>();
  const once = (made: WeakMap<LiveEvent, Buffer>, event: LiveEvent, make: () => string): Buffer => {
    const before = made.get(event);
    if (before !== undefined) return before;
    const frame = Buffer.from(make());
    made.set(event, frame);
    return frame;
  };
  return {
    socket: (event) => once(ofSocket, event, () => serverFrameText({ frame: 'event', event })),
    stream: (event) => once(ofStream, event, () => streamFrame(event.event, event.id, event)),
  };
}

export function serverFrameText(frame: ServerFrame): string {
  return JSON.stringify(frame);
}

/** A server-sent event (https://html.spec.whatwg.org/multipage/server-sent-events.html). JSON has no line breaks. */
export function streamFrame(name: string, id: string | undefined, data: unknown): string {
  const place = id === undefined ? '' : `id: ${id}\n`;
  return `${place}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
