import { maskedSign } from './normalise-text.ts';

/** For patterns: no letter, digit or masked text stands before or behind this place. */
export const wordStart = `(?<![\\p{L}\\p{N}_${maskedSign}])`;
export const wordEnd = `(?![\\p{L}\\p{N}_${maskedSign}])`;
