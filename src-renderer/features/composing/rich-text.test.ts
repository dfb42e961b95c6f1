import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DocNode, docFromPlain, linkTarget, losesFormatting, plainFromDoc } from './rich-text.ts';

const text = (words: string, ...marks: DocNode['marks'] & object): DocNode => ({ type: 'text', text: words, marks });
const p = (...content: DocNode[]): DocNode => ({ type: 'paragraph', content });
const doc = (...content: DocNode[]): DocNode => ({ type: 'doc', content });

describe('plain text of a document', () => {
  it('keeps lists, quotes, breaks and links', () => {
    const item = (words: string): DocNode => ({ type: 'listItem', content: [p(text(words))] });
    expect(
      plainFromDoc(
        doc(
          p(text('Dear all,'), { type: 'hardBreak' }, text('see below')),
          { type: 'bulletList', content: [item('one'), item('two')] },
          { type: 'orderedList', attrs: { start: 3 }, content: [item('three')] },
          { type: 'blockquote', content: [p(text('quoted')), { type: 'blockquote', content: [p(text('deeper'))] }] },
          p(text('here', { type: 'link', attrs: { href: 'https://example.com/a' } })),
          p(text('example.com', { type: 'link', attrs: { href: 'https://example.com/' } })),
        ),
      ),
    ).toBe(
      'Dear all,\nsee below\n- one\n- two\n3. three\n> quoted\n>> deeper\nhere <https://example.com/a>\nexample.com',
    );
  });

  it('comes back unchanged from plain text, whatever it holds', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('', 'a', '> b', '> ', '>> c', ' d', '-- ', '- e')), (lines) => {
        const once = plainFromDoc(docFromPlain(lines.join('\n')));
        expect(plainFromDoc(docFromPlain(once))).toBe(once);
      }),
    );
    expect(plainFromDoc(docFromPlain('Hi\n\n> you said\n> > they said\n\nBye'))).toBe(
      'Hi\n\n> you said\n>> they said\n\nBye',
    );
  });

  it('survives a thousand levels of quoting', () => {
    const deep = `${'>'.repeat(1000)} x`;
    expect(plainFromDoc(docFromPlain(deep))).toContain('x');
  });
});

it('warns only of what plain text cannot say', () => {
  expect(losesFormatting(docFromPlain('a\n> b'))).toBe(false);
  expect(losesFormatting(doc(p(text('x', { type: 'link', attrs: { href: 'https://x.y' } }))))).toBe(false);
  expect(losesFormatting(doc(p(text('x', { type: 'bold' }))))).toBe(true);
});

it('makes links of addresses and of nothing else', () => {
  expect(linkTarget('example.com/a')).toBe('https://example.com/a');
  expect(linkTarget('localhost:8080/x')).toBe('https://localhost:8080/x');
  expect(linkTarget('a@b.cd')).toBe('mailto:a@b.cd');
  expect(linkTarget('http://x.y')).toBe('http://x.y');
  expect(linkTarget('javascript:alert(1)')).toBeNull();
  expect(linkTarget('data:text/html,x')).toBeNull();
  expect(linkTarget('two words')).toBeNull();
});
