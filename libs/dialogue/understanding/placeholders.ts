/** What ingress leaves where personal data stood: `[EMAIL-3]`, `[API_KEY-0123456789abcdef]`. */
const any = /\[[A-Z_]{2,20}-[^\]\s]{1,64}\]/g;
const key = /\[API_KEY-[^\]\s]{1,64}\]/;

/** Whether a key has been written, which is one that others have read by now. */
export function hasKeyPlaceholder(text: string): boolean {
  return key.test(text);
}

export function keyPlaceholderIn(text: string): string | undefined {
  return key.exec(text)?.[0];
}

export function placeholdersIn(text: string): string[] {
  return text.match(any) ?? [];
}
