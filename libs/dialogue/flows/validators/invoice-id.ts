import type { Validator } from '../validator.ts';

const whole = /^(?:invoice\s{0,3}(?:no\.?|number|#)?\s{0,3})?#?inv(?:oice)?[\s_#-]{0,3}(\d{1,12})$/i;
const inText = /(?<![\p{L}\d])inv(?:oice)?[\s_#-]{0,3}\d{1,12}(?![\p{L}\d])/giu;

/** The number of an invoice, as `INV-1042`. */
export const invoiceIdValidator: Validator = {
  name: 'invoice_id',
  description: 'the number of an invoice, e.g. INV-1042',
  validate(written) {
    const text = written.trim().replace(/[.,;:!?]$/, '');
    const number = text.length > 60 ? undefined : (whole.exec(text)?.[1] ?? /^#?(\d{1,12})$/.exec(text)?.[1]);
    return number === undefined
      ? { ok: false, problem: 'That is not the number of an invoice: it looks like INV-1042.' }
      : { ok: true, value: `INV-${number}` };
  },
  find: (text) => text.match(inText) ?? [],
};
