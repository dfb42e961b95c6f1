import { describe, expect, it } from 'vitest';
import { isSendable, readAddresses } from './address-text.ts';

describe('readAddresses', () => {
  it('reads bare and named addresses parted by commas, semicolons and line breaks', () => {
    expect(readAddresses('a@b.example, Bea <b@c.example>; mailto:c@d.example\nd@e.example')).toEqual([
      { displayName: '', mailbox: 'a@b.example' },
      { displayName: 'Bea', mailbox: 'b@c.example' },
      { displayName: '', mailbox: 'c@d.example' },
      { displayName: '', mailbox: 'd@e.example' },
    ]);
  });

  it('keeps a comma inside quotes and unescapes the name', () => {
    expect(readAddresses('"Doe, \\"JD\\" Jane" <jane@x.example>')).toEqual([
      { displayName: 'Doe, "JD" Jane', mailbox: 'jane@x.example' },
    ]);
  });

  it('loses nothing that is not an address', () => {
    expect(readAddresses('somebody, , a@b.example').map((address) => [address.mailbox, isSendable(address)])).toEqual([
      ['somebody', false],
      ['a@b.example', true],
    ]);
  });
});
