import { describe, expect, it } from 'vitest';
import { addressed, guidanceOf } from './guidance-of.ts';

describe('guidanceOf', () => {
  it('takes the section that is written to the person, and no other', () => {
    const text =
      '# Secret\n\n1. Check the log.\n\n## Reply\n\nPlease wait.\n\n- Then try again.\n\n## After it\n\nTell nobody.';
    expect(guidanceOf(text)).toBe('Please wait.\n\n- Then try again.');
  });

  it('turns round what is to be told or asked, and keeps the rest inside', () => {
    const text = `# Lockout

1. Read the audit log; do not tell anybody of it.
2. Ask the person to stop trying for 15 minutes,
   and to check their clock. If neither works, call Bob.
3. Say that a colleague reads it. Never ask for a password.
4. Ask them whether the device is lost.`;
    expect(guidanceOf(text)).toBe(
      [
        '- Please stop trying for 15 minutes, and to check your clock.',
        '- A colleague reads it.',
        '- Please tell me whether the device is lost.',
      ].join('\n'),
    );
  });

  it('says nothing where an SOP has nothing to tell', () => {
    expect(guidanceOf('1. Check the invoice.\n2. Do not promise anything.')).toBe('');
  });
});

describe('addressed', () => {
  it('says to the person what a colleague wrote about them', () => {
    expect(
      addressed('A wiki is a repository.\n- Tell the person to clone it ($& and $1). We keep it for a year.'),
    ).toBe(
      'A wiki is a repository.\n- Tell the person to clone it ($& and $1). We keep it for a year.'.replace(
        'Tell the person to',
        'Please',
      ),
    );
  });
});
