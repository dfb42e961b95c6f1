import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeFileName } from './safe-file-name.ts';

describe('safeFileName', () => {
  it.each([
    ['report.pdf', 'report.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\x\\autoexec.bat', 'autoexec.bat'],
    ['/evil/filename', 'filename'],
    ['..', 'attachment.pdf'],
    ['', 'attachment.pdf'],
    ['.bashrc', 'bashrc'],
    ['name. . ', 'name'],
    ['line\r\nbreak\0.txt', 'linebreak.txt'],
    ['gpj.\u202eexe.jpg', 'gpj.exe.jpg'],
    ['invoice\u200b.pdf\u2066.exe', 'invoice_pdf.exe'],
    ['invoice.pdf.exe', 'invoice_pdf.exe'],
    ['photo.jpg                                  .scr', 'photo_jpg.scr'],
    ['archive.tar.gz', 'archive.tar.gz'],
    ['CON', '_CON'],
    ['nul.txt', '_nul.txt'],
    ['com1', '_com1'],
    ['console.log', 'console.log'],
    ['a<b>c:"d|e?f*.txt', 'a_b_c__d_e_f_.txt'],
    ['Grüße 中文.txt', 'Grüße 中文.txt'],
  ])('%j becomes %j', (name, expected) => {
    expect(safeFileName(name, 'application/pdf')).toBe(expected);
  });

  it('keeps the ending of a name it has to shorten', () => {
    const name = safeFileName(`${'中'.repeat(400)}.docx`, 'application/octet-stream');
    expect(name.endsWith('.docx')).toBe(true);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(220);
  });

  it('is always one plain name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        const safe = safeFileName(name, 'text/plain');
        expect(safe).not.toMatch(/[/\\\0-\x1f\x7f<>:"|?*\u202a-\u202e\u2066-\u2069]/);
        expect(safe).not.toMatch(/^\.|[. ]$/);
        expect(safe.length).toBeGreaterThan(0);
        expect(safe.length).toBeLessThanOrEqual(160);
      }),
    );
  });
});
