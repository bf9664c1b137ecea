/**
 * A number as people write it: `1200`, `1,200.50`, `1.200,50`, `1 200`, `49,90`. A single comma before three digits
 * separates thousands, a single point is a decimal one. Undefined for anything else.
 */
export function parseAmount(written: string): number | undefined {
  const text = written.trim();
  if (text.length > 30) return undefined;
  const sign = text.startsWith('-') || text.startsWith('−') ? -1 : 1;
  const digits = text.replace(/^[-−+]\s?/, '').replaceAll(/(?<=\d)[ \u00a0\u202f'’](?=\d{3}(?!\d))/g, '');
  if (/^\d+$/.test(digits)) return sign * Number(digits);
  if (/^\d{1,3}(,\d{3})+(\.\d+)?$/.test(digits)) return sign * Number(digits.replaceAll(',', ''));
  if (/^\d{1,3}(\.\d{3})+,\d+$/.test(digits) || /^\d{1,3}(\.\d{3}){2,}$/.test(digits)) {
    return sign * Number(digits.replaceAll('.', '').replace(',', '.'));
  }
  if (/^\d*[.,]\d+$/.test(digits)) return sign * Number(digits.replace(',', '.'));
  return undefined;
}
