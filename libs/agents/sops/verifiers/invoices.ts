import { z } from 'zod';
import { type Verifier, verifierOf } from '#agents/sops/verifier';
import { foundVerifier } from './found-verifier.ts';

const invoice = z.object({
  invoice_id: z.string().min(1),
  amount: z.number(),
  state: z.string(),
  refundable: z.boolean(),
});

/** Checks over what `find_invoice` gives. */
export const invoiceVerifiers: readonly Verifier[] = [
  foundVerifier('invoice', 'invoice_id'),
  verifierOf(
    { name: 'invoice_refundable', description: 'the invoice is paid and may be refunded' },
    invoice,
    ({ invoice_id, amount, state, refundable }) => {
      if (state === 'refunded')
        return { hasPassed: false, why: `Invoice ${invoice_id} was refunded before.` };
      if (state !== 'paid') {
        return {
          hasPassed: false,
          why: `Invoice ${invoice_id} is ${state}, and only a paid one can be refunded.`,
        };
      }
      if (!refundable || amount <= 0) {
        return { hasPassed: false, why: `Invoice ${invoice_id} can no longer be refunded.` };
      }
      return { hasPassed: true };
    },
  ),
];
