/** A file that came with a message, for one turn: with its bytes it goes into no checkpoint. */
export type GivenFile =
  | { readonly kind: 'image'; readonly name: string; readonly mimetype: string; readonly base64: string }
  | {
      readonly kind: 'text';
      readonly name: string;
      readonly mimetype: string;
      readonly text: string;
      /** Whether only its beginning is there. */
      readonly isCut: boolean;
    }
  /** What nobody here can open. */
  | { readonly kind: 'closed'; readonly name: string; readonly mimetype: string; readonly bytes: number }
  | { readonly kind: 'unread'; readonly name: string; readonly why: UnreadWhy };

/** Why there are no bytes of a file; `gone` are those of a message that is taken up again too late. */
export type UnreadWhy =
  | 'too_large'
  | 'type'
  | 'unreachable'
  | 'undecryptable'
  | 'blocked'
  | 'limited'
  | 'gone';

/** Whether a model can make something of the file. */
export function isUsable(file: GivenFile, takesImages: boolean): boolean {
  return file.kind === 'text' || (file.kind === 'image' && takesImages);
}
