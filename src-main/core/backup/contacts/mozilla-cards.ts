import { MailError } from '#shared/mail-error.ts';
import type { ForeignCards } from '../../store/foreign-cards.ts';
import { type MorkRow, readMork } from './mork.ts';
import { type BookContents, firstSaid, type Person } from './person.ts';
import { kindsIn, type Phone } from './phone-kinds.ts';
import { readVcards } from './vcard.ts';

/** Thunderbird keeps a card as a vCard since version 92, and what it searches for beside it. */
export function cardsAsPeople({ cards, lists }: ForeignCards): BookContents {
  return { people: cards.map(personOfCard), lists: lists.filter((name) => name !== '') };
}

function personOfCard(card: Readonly<Record<string, string>>): Person {
  const beside = personOf((name) => card[name]);
  const [inside] = card._vCard === undefined ? [] : readVcards(Buffer.from(card._vCard)).people;
  if (inside === undefined) return beside;
  return {
    displayName: firstSaid(inside.displayName, beside.displayName),
    mailboxes: inside.mailboxes.length > 0 ? inside.mailboxes : beside.mailboxes,
    note: firstSaid(inside.note, beside.note),
    ...(inside.photo === undefined ? {} : { photo: inside.photo }),
    ...(inside.hasLargePhoto === true ? { hasLargePhoto: true } : {}),
    ...moreOf(firstSaid(inside.nickname, beside.nickname), inside.phones ?? beside.phones ?? []),
  };
}

/** An address book of Thunderbird until version 68. Throws EMALFORMED when it is another Mork file. */
export function morkAsPeople(octets: Uint8Array): BookContents {
  const mork = readMork(octets);
  const cards = mork.rowsIn('ns:addrbk:db:table:kind:pab', 'ns:addrbk:db:row:scope:card:all');
  const lists = mork.rowsIn('ns:addrbk:db:table:kind:pab', 'ns:addrbk:db:row:scope:list:all');
  if (cards.length + lists.length === 0 && !Buffer.from(octets).includes('ns:addrbk:'))
    throw new MailError('EMALFORMED', 'This is not an address book of Thunderbird, or it is damaged.');
  const people = cards.map((row: MorkRow) => personOf((name) => row.get(name)));
  return { people, lists: lists.map((row) => row.get('ListName') ?? '').filter((name) => name !== '') };
}

function personOf(said: (name: string) => string | undefined): Person {
  return {
    displayName: firstSaid(
      said('DisplayName'),
      `${said('FirstName') ?? ''} ${said('LastName') ?? ''}`,
      said('Company'),
      said('NickName'),
    ),
    mailboxes: [said('PrimaryEmail'), said('SecondEmail')].flatMap((mailbox) =>
      mailbox === undefined || mailbox.trim() === '' ? [] : [mailbox],
    ),
    note: said('Notes') ?? '',
    ...moreOf(said('NickName')?.trim() ?? '', numbersIn(said)),
  };
}

const numbers = ['CellularNumber', 'WorkPhone', 'HomePhone', 'FaxNumber', 'PagerNumber'];

function numbersIn(said: (name: string) => string | undefined): Phone[] {
  return numbers.flatMap((name) => {
    const number = said(name)?.trim() ?? '';
    return isSaid(number) ? [{ number, kinds: kindsIn(name) }] : [];
  });
}

function isSaid(text: string): boolean {
  return text !== '';
}

function moreOf(nickname: string, phones: readonly Phone[]): Pick<Person, 'nickname' | 'phones'> {
  return { ...(nickname === '' ? {} : { nickname }), ...(phones.length === 0 ? {} : { phones }) };
}
