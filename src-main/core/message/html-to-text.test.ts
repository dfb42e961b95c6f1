import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { htmlToText } from './html-to-text.ts';

describe('htmlToText', () => {
  it.each([
    ['<p>One</p><p>Two</p>', 'One\n\nTwo'],
    ['a<br>b<br/>c', 'a\nb\nc'],
    ['<ul><li>one<li>two</ul>', '- one\n- two'],
    ['<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>', 'a b\nc'],
    ['a <b>bold</b>word', 'a boldword'],
    [
      '<div>said<blockquote>quoted<br>twice<blockquote>deep</blockquote></blockquote>end</div>',
      'said\n> quoted\n> twice\n> > deep\nend',
    ],
    ['<style>p{color:red}</style><script>if (a<b) x("</p>")</script>text', 'text'],
    ['<head><title>No</title></head>yes', 'yes'],
    ['<!-- <p>no</p> --><![CDATA[x]]>yes', 'yes'],
    ['&lt;b&gt; &amp;amp; &eacute;&#233;&#xE9; &euro;&#128; &unknown; &copy 2026', '<b> &amp; ééé €€ &unknown; © 2026'],
    ['<a href="x>y" title=\'a>b\'>link</a>', 'link'],
    ['  much \n\t  space&nbsp;&nbsp; here ', 'much space here'],
    ['<pre>  kept\n    as is</pre>', '  kept\n    as is'.trim()],
    ['soft&shy;hyphen zero\u200bwidth', 'softhyphen zerowidth'],
    ['1 < 2 and 3 > 2', '1 < 2 and 3 > 2'],
    ['<SCRIPT>x</SCRIPT ><B>y', 'y'],
    ['never <b ended', 'never'],
  ])('makes text of %s', (html, text) => {
    expect(htmlToText(html)).toBe(text);
  });

  it('lets no element through, whatever comes in', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '=',
      '/',
      '!',
      '--',
      'script',
      'p',
      ' ',
      'a',
      '&lt;',
      '<b>',
      '</',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 80 }), (pieces) => {
        expect(htmlToText(pieces.join(''), 1000).length).toBeLessThanOrEqual(1000);
      }),
    );
  });

  it.each(['<', '<script>', '<!--', '<a b="', '&#', '<blockquote>x', '<li>', '<a b=', '</', '<p>', ' '])(
    'takes linear time for rows of %s',
    (unit) => {
      const begun = performance.now();
      htmlToText(unit.repeat(1_000_000 / unit.length));
      expect(performance.now() - begun).toBeLessThan(5000);
    },
  );
});
