import { z } from 'zod';
import { text } from './text.ts';

/** Messages as people write them. */
export const messages = z.array(text(2_000)).max(2_000, 'is longer than 2000 messages');

/** A whole number is a word too: `429` needs no quotes. */
const keyword = z.union([text(100), z.int().transform(String)]).describe('a word');
export const keywords = z.array(keyword).max(500, 'is longer than 500 keywords');
