/** Where the browsable documentation is: pages for people, of a plugin, and for everyone. */
export const DOCS_PATH = '/api/docs';
