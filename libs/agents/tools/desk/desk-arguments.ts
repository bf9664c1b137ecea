import { z } from 'zod';

/** Arguments of the desk's tools, each in its one spelling: what is shown to reviewers is what is run. */
export const deskArguments = {
  invoiceId: z
    .string()
    .trim()
    .regex(/^INV-\d{1,10}$/i, 'is not an invoice number like INV-1042')
    .transform((id) => id.toUpperCase())
    .describe('number of the invoice, like INV-1042'),
  username: z
    .string()
    .trim()
    .regex(/^@?[a-z0-9][a-z0-9._-]{0,38}$/i, 'is not a user name')
    .transform((name) => name.replace(/^@/, '').toLowerCase())
    .describe('user name of the account'),
  organisation: z
    .string()
    .trim()
    .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/i, 'is not the name of an organisation, like acme')
    .transform((name) => name.toLowerCase())
    .describe('name of the organisation, as in its address'),
  /** `[API_KEY-9f86d081884c7d65]`, as messages carry it in place of the token, or the digits alone. */
  fingerprint: z
    .string()
    .trim()
    .regex(/^(?:\[API_KEY-[0-9a-f]{16}\]|[0-9a-f]{16})$/i, 'is not the fingerprint of a token')
    .transform((written) => (/[0-9a-f]{16}/i.exec(written)?.[0] ?? written).toLowerCase())
    .describe('fingerprint of the token, as it stands in the message: [API_KEY-…]'),
  /** A user name, an organisation or a fingerprint. */
  subject: z
    .string()
    .trim()
    .min(1, 'is empty')
    .max(100, 'is longer than 100 characters')
    .transform((name) =>
      (/^\[API_KEY-([0-9a-f]{16})\]$/i.exec(name)?.[1] ?? name.replace(/^@/, '')).toLowerCase(),
    )
    .describe('user name, organisation or fingerprint of a token'),
};
