/** Sets up mail, one question a page. */
export function SetupWizard() {
  return null;
}
