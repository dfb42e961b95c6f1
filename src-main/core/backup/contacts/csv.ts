import { MailboxText } from '#shared/mail/address.ts';
import { MailError } from '#shared/mail-error.ts';
import { textOf } from './decode.ts';
import { type BookContents, firstSaid, type Person } from './person.ts';
import { kindsIn } from './phone-kinds.ts';
import { withoutGuard } from './write-csv.ts';

/** What columns are called in the exports of Thunderbird, Outlook, Google and others, in the languages we could find. */
const columns = {
  mailbox: /mail|correo|correio|adresse électronique|posta elettronica|почт|メール|邮|電子郵件/i,
  noMailbox: /type|label|display name|anzeigename|format/i,
  display:
    /^(?:(?:display|full|file as|formatted) ?(?:as|name)?|name|anzeigename|nom complet|nom à afficher|nombre completo|nome visualizzato|pantallanaam|weergavenaam|表示名)$/i,
  first: /^(?:(?:first|given)[ -]?name|vorname|prénom|nombre|nome|voornaam|förnamn|fornavn|imię|имя|名)$/i,
  last: /^(?:(?:last|family)[ -]?name|surname|nachname|nom(?: de famille)?|apellidos?|cognome|sobrenome|achternaam|efternamn|etternavn|nazwisko|фамилия|姓)$/i,
  organisation: /^(?:organi[sz]ation(?: 1 - name| name)?|company|firma|société|empresa|azienda)$/i,
  nickname: /^(?:nick ?name|spitzname|surnom|apodo|soprannome|apelido|bijnaam|smeknamn)$/i,
  phone: /phone|fax|pager|mobile|telefon|telefono|teléfono|téléphone|telefoon|handy|móvil|cellulare|電話/i,
  noPhone: /type|label|phonetic|assistant|callback/i,
  /** Google says in a column of its own what a number is for. */
  phoneType: /^(.*) - (?:type|label)$/i,
  note: /^(?:notes?|notizen|notas|note|opmerkingen)$/i,
} as const;

/** How Google writes several values in one field. */
const severalInOne = ' ::: ';

/**
 * The people of a table with comma, semicolon or tab between (RFC 4180, leniently). Columns are known by their names, or
 * where there are none by what stands in them. Throws EMALFORMED when no address is to be found in it.
 */
export function readCsv(octets: Uint8Array): BookContents {
  const text = textOf(octets);
  const rows = rowsOf(text, delimiterOf(text));
  const [first = []] = rows;
  const hasHead = !first.some(isMailbox);
  const body = hasHead ? rows.slice(1) : rows;
  const heads = hasHead ? first.map((head) => head.trim()) : [];
  const mailboxColumns = mailboxColumnsOf(heads, body);
  if (mailboxColumns.length === 0)
    throw new MailError('EMALFORMED', 'No e-mail address was found in this table. Nothing was taken from it.');
  const at = (pattern: RegExp): number => heads.findIndex((head) => pattern.test(head));
  const where = {
    mailboxColumns,
    display: hasHead ? at(columns.display) : first.findIndex((value) => value.trim() !== '' && !isMailbox(value)),
    first: at(columns.first),
    last: at(columns.last),
    organisation: at(columns.organisation),
    note: at(columns.note),
    nickname: at(columns.nickname),
    phones: phoneColumnsOf(heads),
  };
  return {
    people: body.filter((row) => row.some((field) => field.trim() !== '')).map((row) => personOf(row, where)),
    lists: [],
  };
}

interface Where {
  readonly mailboxColumns: readonly number[];
  readonly display: number;
  readonly first: number;
  readonly last: number;
  readonly organisation: number;
  readonly note: number;
  readonly nickname: number;
  readonly phones: readonly { readonly column: number; readonly type: number; readonly head: string }[];
}

function personOf(row: readonly string[], where: Where): Person {
  const field = (at: number): string => withoutGuard(row[at]?.trim() ?? '');
  const mailboxes = where.mailboxColumns.flatMap((at) => field(at).split(severalInOne));
  const nickname = field(where.nickname);
  const phones = where.phones.flatMap(({ column, type, head }) => {
    const kinds = kindsIn(type < 0 ? head : field(type));
    return field(column)
      .split(severalInOne)
      .filter((number) => number.trim() !== '')
      .map((number) => ({ number, kinds }));
  });
  return {
    displayName: firstSaid(
      field(where.display),
      `${field(where.first)} ${field(where.last)}`,
      field(where.organisation),
    ),
    mailboxes: mailboxes.map((mailbox) => mailbox.trim()).filter((mailbox) => mailbox !== ''),
    note: field(where.note),
    ...(nickname === '' ? {} : { nickname }),
    ...(phones.length === 0 ? {} : { phones }),
  };
}

function phoneColumnsOf(heads: readonly string[]): Where['phones'] {
  return heads.flatMap((head, column) => {
    if (!columns.phone.test(head) || columns.noPhone.test(head)) return [];
    const [, base] = /^(.*) - value$/i.exec(head) ?? [];
    const isItsType = (other: string): boolean => base !== undefined && columns.phoneType.exec(other)?.[1] === base;
    return [{ column, type: heads.findIndex(isItsType), head }];
  });
}

function mailboxColumnsOf(heads: readonly string[], rows: readonly (readonly string[])[]): number[] {
  const named = heads.flatMap((head, at) =>
    columns.mailbox.test(head) && !columns.noMailbox.test(head) && rows.some((row) => holdsMailbox(row[at]))
      ? [at]
      : [],
  );
  if (named.length > 0) return named;
  const width = Math.max(0, ...rows.slice(0, 1000).map((row) => row.length));
  return Array.from({ length: width }, (_, at) => at).filter((at) => rows.some((row) => holdsMailbox(row[at])));
}

function holdsMailbox(value = ''): boolean {
  return value.split(severalInOne).some(isMailbox);
}

function isMailbox(value: string): boolean {
  return MailboxText.safeParse(value).success;
}

/** Whichever of them stands most often in the first line, outside quotes. */
function delimiterOf(text: string): string {
  const line = /^[^\r\n]*/.exec(text.replace(/^\ufeff/, ''))?.[0].replace(/"[^"]*"/g, '') ?? '';
  const often = (delimiter: string): number => line.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, delimiter) => (often(delimiter) > often(best) ? delimiter : best));
}

/** RFC 4180 §2; a quote in the middle of a field is taken as it stands. */
function rowsOf(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const field = new RegExp(`(?:"([^"]*(?:""[^"]*)*)"|)([^${delimiter}\r\n]*)(${delimiter}|\r\n|\r|\n|$)`, 'y');
  const body = text.replace(/^\ufeff/, '');
  while (field.lastIndex < body.length) {
    const found = field.exec(body);
    if (found === null) break;
    const [, quoted = '', plain = '', end = ''] = found;
    row.push(quoted.replaceAll('""', '"') + plain);
    if (end === delimiter && field.lastIndex < body.length) continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
