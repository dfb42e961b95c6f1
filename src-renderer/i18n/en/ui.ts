import type { Texts } from '../texts.ts';

export const ui = {
  close: 'Close',
  dismiss: 'Dismiss',
  details: 'Details',
  undo: 'Undo',
  stop: 'Stop',
  messages: 'Messages from Postrider',
  more: 'More: {label}',
  less: 'Less: {label}',
  remove: 'Remove {what}',
  removeIt: 'Remove',
  addressesIn: 'Addresses in {label}',
  cancel: 'Cancel',
  save: 'Save',
  retry: 'Try again',
  'state.took-it': 'took it',
  'state.waiting': 'waiting',
  'state.refused': 'refused',
  'state.uncertain': 'uncertain',
  'state.passed-over': 'passed over',
  'state.trying': 'trying',
} as const satisfies Texts;
