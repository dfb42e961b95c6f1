/** What waits, and why. */
export function OutboxScreen() {
  return null;
}
