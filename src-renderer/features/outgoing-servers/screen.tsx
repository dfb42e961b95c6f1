/** The table of outgoing servers. */
export function OutgoingServersScreen() {
  return null;
}
