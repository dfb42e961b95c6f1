import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOfData, toWireOctets } from './dot-stuffing.ts';

/** The same in two plain steps over the whole message. */
function asOne(message: Buffer): string {
  const lines = message.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n');
  const ended = lines === '' || lines.endsWith('\r\n') ? lines : `${lines}\r\n`;
  return `${ended.replace(/(^|\r\n)\./g, '$1..')}.\r\n`;
}

function inPieces(message: Buffer, octets: number): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at < message.length; at += octets) {
    pieces.push(toWireOctets(message.subarray(at, at + octets), message[at - 1]));
  }
  return Buffer.concat([...pieces, endOfData(message.at(-1))]).toString('latin1');
}

describe('a message on the wire', () => {
  it.each([
    ['a\r\n.\r\nb\r\n', 'a\r\n..\r\nb\r\n.\r\n'],
    ['.a', '..a\r\n.\r\n'],
    ['', '.\r\n'],
    // What one server takes for a line end and another does not must not hide the end of a message.
    ['a\r.\rb', 'a\r\n..\r\nb\r\n.\r\n'],
    ['a\n.\nb\n', 'a\r\n..\r\nb\r\n.\r\n'],
    ['a\r', 'a\r\n.\r\n'],
  ])('%j', (message, wire) => {
    expect(inPieces(Buffer.from(message), 100)).toBe(wire);
  });

  it('is the same however it is cut, and ends but once', () => {
    const octet = fc.constantFrom(...Buffer.from('\r\n.ab\xff', 'latin1'));
    fc.assert(
      fc.property(fc.array(octet, { maxLength: 40 }), fc.integer({ min: 1, max: 7 }), (octets, length) => {
        const message = Buffer.from(octets);
        const wire = inPieces(message, length);
        expect(wire).toBe(asOne(message));
        expect(wire.indexOf('\r\n.\r\n')).toBe(wire === '.\r\n' ? -1 : wire.length - 5);
      }),
      { numRuns: 200 },
    );
  });

  it('is not copied when nothing is to be changed', () => {
    const message = Buffer.from('Subject: x\r\n\r\na . b\r\n');
    expect(toWireOctets(message, undefined)).toBe(message);
  });
});
