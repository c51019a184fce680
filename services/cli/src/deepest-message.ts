/** What the first of a chain of errors said: those above it mostly say only that something failed. */
export function deepestMessage(error: unknown): string {
  let message = 'unknown reason';
  for (let at = error; at instanceof Error; at = at.cause) if (at.message !== '') message = at.message;
  return message;
}
