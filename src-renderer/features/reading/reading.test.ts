import { describe, expect, it } from 'vitest';
import { readLinkTarget } from './link-target.ts';
import { findLinks, hasFewAddresses, splitText, unquote } from './text-blocks.ts';
import { trustLines } from './trust.ts';

describe('splitText', () => {
  it('parts text, quotes and the signature', () => {
    const blocks = splitText('Hello\r\n\r\n> one\r\n>> two\r\nyes\r\n-- \r\nBea\r\n');
    expect(blocks).toEqual([
      { kind: 'text', lines: ['Hello', ''] },
      { kind: 'quote', lines: ['> one', '>> two'] },
      { kind: 'text', lines: ['yes'] },
      { kind: 'signature', lines: ['-- ', 'Bea'] },
    ]);
  });

  it('does not take a dashed line in the middle of a long text for a signature', () => {
    const text = ['--', ...Array.from({ length: 30 }, (_, index) => `line ${index}`)].join('\n');
    expect(splitText(text).map(({ kind }) => kind)).toEqual(['text']);
  });

  it('knows how deep a quote lies', () => {
    expect(unquote('> > three')).toEqual({ depth: 2, text: 'three' });
  });
});

describe('findLinks', () => {
  it('leaves the full stop and the bracket of the sentence outside', () => {
    expect(findLinks('See (https://a.example/b_(c)), or bea@b.example.')).toEqual([
      { kind: 'plain', text: 'See (' },
      { kind: 'link', text: 'https://a.example/b_(c)', address: 'https://a.example/b_(c)' },
      { kind: 'plain', text: '), or ' },
      { kind: 'link', text: 'bea@b.example', address: 'mailto:bea@b.example' },
      { kind: 'plain', text: '.' },
    ]);
  });

  it('makes no links of a text that is nothing but addresses', () => {
    expect(hasFewAddresses('See https://a.example and b@c.example. '.repeat(1000))).toBe(true);
    expect(hasFewAddresses('a@b.example '.repeat(5000))).toBe(false);
    expect(hasFewAddresses('www.b.example '.repeat(5000))).toBe(false);
  });

  it('takes linear time on a hostile line', () => {
    const began = performance.now();
    findLinks('a@'.repeat(50_000));
    findLinks(`https://${'('.repeat(50_000)}`);
    findLinks(`https://${')'.repeat(1990)} `.repeat(50));
    findLinks(`https://${'.'.repeat(1990)}a `.repeat(50));
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

describe('trustLines', () => {
  const linesOf = (displayName: string) =>
    trustLines({ from: [{ displayName, mailbox: 'x@evil.example' }], sender: [], replyTo: [], to: [], cc: [] });

  it('tells of an address in the name that is another one', () => {
    expect(linesOf('"Ann" <ann@bank.example>')).toMatchObject([{ level: 'warning' }]);
    expect(linesOf('X@Evil.example')).toEqual([]);
    expect(linesOf('Ann @ the bank. Ltd')).toEqual([]);
  });

  it('takes linear time on a hostile name', () => {
    const began = performance.now();
    linesOf('@'.repeat(200_000));
    linesOf('a@b'.repeat(70_000));
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

describe('readLinkTarget', () => {
  it('shows the true host behind a user name', () => {
    expect(readLinkTarget('https://bank.example@evil.example/x', 'Log in')).toMatchObject({ host: 'evil.example' });
  });

  it('notices a text that names another host', () => {
    expect(readLinkTarget('https://evil.example/', 'www.bank.example/login')).toMatchObject({
      deceivingHost: 'www.bank.example',
    });
    expect(readLinkTarget('https://login.bank.example/', 'bank.example')).toMatchObject({ deceivingHost: null });
    expect(readLinkTarget('https://evil.example/', 'https://bank.example/?for=ann@home.example')).toMatchObject({
      deceivingHost: 'bank.example',
    });
    expect(readLinkTarget('https://evil.example/', 'ann@home.example')).toMatchObject({ deceivingHost: null });
  });

  it('notices letters that only look the same', () => {
    expect(readLinkTarget('https://bаnk.example/', 'here')).toMatchObject({ isPuny: true });
  });

  it('opens nothing but web and mail', () => {
    for (const address of ['javascript:alert(1)', 'file:///etc/passwd', 'data:text/html,x', 'x', ''])
      expect(readLinkTarget(address, '').kind).toBe('bad');
    expect(readLinkTarget('mailto:a%40b.example?subject=x', '')).toMatchObject({
      kind: 'mail',
      address: 'a@b.example',
    });
  });
});
