/**
 * The words of a text that searching goes by: lower case, without accents and English stop words, reduced to a
 * rough stem, in their order.
 */
export function termsOf(text: string): string[] {
  return wordsOf(text)
    .filter((word) => !stopWords.has(word))
    .map(stem);
}

function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return plain.replaceAll(/[’‘']s\b|[’‘']/g, '').match(/[\p{L}\p{N}]+/gu) ?? [];
}

const stopWords = new Set(
  `a about again all also am an and any are as at be because been but by can cannot could did do does doing dont
  for from get gets getting give had has have having he help hello hey hi how i if im in into is it its ive just kindly
  know let like many may me might much my need no not now of off on one or our out please re shall she should so some somebody
  someone still tell than thank thanks that the their them then there these they thing this those to too try us want
  was we were what when where which while who whom why will wish with within without would yes you your yours`.split(
    /\s+/,
  ),
);

/** Joins the common forms of an English word; a search that also matches fuzzily needs no more. */
function stem(word: string): string {
  if (word.length < 4 || /\d/.test(word)) return word;
  const bare = word
    .replace(/ies$/, 'y')
    .replace(/(ss|sh|ch|x)es$/, '$1')
    .replace(/([^su])s$/, '$1');
  const root = bare.length > 5 ? bare.replace(/(?:ing|ed)$/, '') : bare;
  return root.replace(/([bdgmnprt])\1$/, '$1').replace(/(?<=..)e$/, '');
}
