/** What in a value could make the browser ask for something. Values are compared as the browser writes them back, so escapes are resolved. */
const loads =
  /url\s*\(|src\s*\(|image\s*\(|image-set\s*\(|cross-fade\s*\(|element\s*\(|paint\s*\(|expression\s*\(|var\s*\(|env\s*\(|attr\s*\(|javascript:/i;

/** Properties that would put the message over the window around it, or do something of their own. */
const refusedProperties = /^(?:--|behavior$|-moz-binding$|content$|cursor$|animation|transition|will-change$)/;

/** Takes out of an element's or rule's declarations all that loads or overlays. */
export function sanitiseDeclarations(style: CSSStyleDeclaration): void {
  for (const property of [...style]) {
    const value = style.getPropertyValue(property);
    // Custom properties are kept by browsers as they were written, escapes and all: they cannot be judged. Neither can
    // what a shorthand with `var()` in it sets: it reads as '', and is written back whole.
    const isRefused = value === '' || refusedProperties.test(property) || loads.test(value);
    const isOverlay = property === 'position' && /fixed|sticky/.test(value);
    if (isRefused || isOverlay) style.removeProperty(property);
  }
}

/** The rules of a style sheet that are harmless, written anew from what the browser understood. Imports, fonts and the like are left out. */
export function sanitiseStyleSheet(text: string): string {
  const sheet = new CSSStyleSheet();
  // A constructed sheet never loads: `@import` is refused, and nothing is drawn with it.
  sheet.replaceSync(text);
  return writeRules(sheet.cssRules);
}

function writeRules(rules: CSSRuleList): string {
  return [...rules].map(writeRule).join('\n');
}

function writeRule(rule: CSSRule): string {
  if (rule instanceof CSSStyleRule) {
    sanitiseDeclarations(rule.style);
    return closed(`${rule.selectorText} {${rule.style.cssText}}`);
  }
  if (rule instanceof CSSMediaRule) {
    const inner = writeRules(rule.cssRules);
    return closed(`@media ${rule.conditionText} {\n`) === '' ? '' : `@media ${rule.conditionText} {\n${inner}\n}`;
  }
  return '';
}

/** `<` has no place in a rule and could end the element it stands in. */
function closed(text: string): string {
  return text.includes('<') ? '' : text;
}
