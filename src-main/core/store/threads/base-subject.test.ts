import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { baseSubject } from './base-subject.ts';

describe('the base subject of RFC 5256', () => {
  it.each([
    ['Winter berth', 'WINTER BERTH', false],
    ['Re: Winter berth', 'WINTER BERTH', true],
    ['RE : Re: fwd: FW: Winter   berth', 'WINTER BERTH', true],
    ['Re[2]: Winter berth', 'WINTER BERTH', true],
    ['re [list]: Winter berth', 'WINTER BERTH', true],
    ['[boats] Winter berth', 'WINTER BERTH', false],
    ['[boats] Re: [boats] Winter berth', 'WINTER BERTH', true],
    ['[a] [b] [c] Winter', 'WINTER', false],
    ['[boats]', '[BOATS]', false],
    ['Re: [boats]', '[BOATS]', true],
    ['[boats] [harbour]', '[HARBOUR]', false],
    ['Winter berth (fwd)', 'WINTER BERTH', true],
    ['Winter berth (FWD) (fwd)', 'WINTER BERTH', true],
    ['[Fwd: Winter berth]', 'WINTER BERTH', true],
    ['[fwd: Re: [Fwd: Winter berth (fwd)]]', 'WINTER BERTH', true],
    ['Re:', '', true],
    ['  \t ', '', false],
    ['', '', false],
    ['Research: what', 'RESEARCH: WHAT', false],
    ['Fwdx: what', 'FWDX: WHAT', false],
    ['AW: WG: Liegeplatz', 'LIEGEPLATZ', true],
    ['Re: ﬁne straße', 'FINE STRASSE', true],
    ['Folded\r\n subject', 'FOLDED SUBJECT', false],
  ])('%j', (subject, base, isReply) => {
    expect(baseSubject(subject)).toEqual({ base, isReply });
  });

  it('is the same for every reply to it, and for its own', () => {
    const mark = fc.constantFrom('Re: ', 'FWD: ', 're[3]: ', 'Fw:', '[list] Re: ');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(mark), (subject, marks) => {
        const once = baseSubject(subject).base;
        expect(baseSubject(marks.join('') + subject).base).toBe(once);
      }),
    );
  });

  it.each(['[', 'Re: ', '[]', '(fwd)', '[fwd:', 'Re[', ']'])('takes a moment for a hostile subject of %j', (piece) => {
    const begun = performance.now();
    baseSubject(piece.repeat(200_000));
    // In time that grows with the square it would be minutes; the bound leaves room for a busy machine.
    expect(performance.now() - begun).toBeLessThan(3000);
  });
});
