import type { Validator } from '../validator.ts';
import { booleanValidator } from './boolean.ts';
import { durationValidator } from './duration.ts';
import { emailValidator } from './email.ts';
import { fingerprintValidator } from './fingerprint.ts';
import { createHandleValidator } from './handle.ts';
import { invoiceIdValidator } from './invoice-id.ts';
import { moneyValidator } from './money.ts';
import { numberValidator } from './number.ts';
import { projectValidator } from './project.ts';
import { textValidator } from './text.ts';

/** All types that a slot can have, by the name that a playbook writes. */
export function createValidators(): ReadonlyMap<string, Validator> {
  const validators = [
    textValidator,
    numberValidator,
    booleanValidator,
    moneyValidator,
    invoiceIdValidator,
    createHandleValidator({ name: 'username', title: 'a user name', example: 'ann-smith' }),
    createHandleValidator({
      name: 'organisation',
      title: 'the name of an organisation',
      example: 'acme-labs',
    }),
    projectValidator,
    fingerprintValidator,
    emailValidator,
    durationValidator,
  ];
  return new Map(validators.map((validator) => [validator.name, validator]));
}
