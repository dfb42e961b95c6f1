export * from '#shared/i18n/texts.ts';
