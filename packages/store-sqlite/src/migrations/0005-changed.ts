/** The jobs of one manager by their last edit: a look for changes reads those and no others. */
export const sql = `
CREATE INDEX jobs_changed ON jobs ("managerId", "updatedAt", name) WHERE "managerId" IS NOT NULL;
`;
