/** Mail of programs whose files are not read here: what to do instead. Undefined: none of those. */
export function foreignFormat(head: Buffer): string | undefined {
  const text = head.toString('latin1', 0, 16);
  if (text.startsWith('!BDN'))
    return (
      'This is an Outlook data file (.pst or .ost), which Postrider does not read. ' +
      'The command “readpst -r FILE” (package pst-utils) turns it into mbox files; import those. ' +
      'Or open it in Outlook, copy the mail to an account Thunderbird collects, and import from Thunderbird.'
    );
  if (text.startsWith('\xcf\xad\x12\xfe'))
    return 'This is an Outlook Express file (.dbx), which Postrider does not read. The command “readdbx” (package libdbx) turns it into an mbox file; import that.';
  if (text.startsWith('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'))
    return 'This is an Outlook message (.msg), which Postrider does not read. The command “msgconvert FILE” (package libemail-outlook-message-perl) turns it into an .eml file; import that.';
  if (text.startsWith('SQLite format 3'))
    return 'This is a database, not mail. Choose the folder or the file in which the messages themselves are.';
  return undefined;
}
