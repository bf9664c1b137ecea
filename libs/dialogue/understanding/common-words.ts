const common = new Set(
  `a about after again all also always am an and any anybody anyone anything are as asap at be because been before but by can
  cannot cant could day did do does doesnt doing done dont each else even ever every everything few for from full get gets
  give go going gone good got had has have having he hello help her here hey hi him his how i if im in instead into is isnt it its
  ive just know last later least less let like limit ll lot made make many may maybe me mean meant mine more most much must my name
  named called need needs never new next no nope not now number of off ok okay old on once one only or other our ours out over own per please
  pls put rather really right same say see set she should since so some somebody someone something soon still such sure take
  tell than thank thanks that thats the their them then there these they thing this those though time to today tomorrow too try
  two up upon us use used using very via want wants was wasnt way we well were what whatever whats when where which while who why
  will wish with within without won wont would wrong yes yet you your yours urgent urgently immediately quickly also again
  month monthly year yearly week money budget sorry actually`.split(/\s+/),
);

/** Whether an English word is too common to be anybody's or anything's name. */
export function isCommonWord(word: string): boolean {
  return common.has(word.toLowerCase().replaceAll("'", ''));
}
