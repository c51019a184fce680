// An oxlint plugin with the one rule that its built-in ones cannot express: in deterministic packages a Date is made from a
// given instant only. `new Date()` and `Date()` read the machine's clock, which the simulation could not move.

/** @param {{ callee: { type: string, name?: string } }} node */
const makesDate = (node) => node.callee.type === 'Identifier' && node.callee.name === 'Date';

const noAmbientDate = {
  create(context) {
    const message = 'Pass the instant in: a Date made without one reads the ambient clock.';
    return {
      NewExpression(node) {
        if (makesDate(node) && node.arguments.length === 0) context.report({ node, message });
      },
      CallExpression(node) {
        if (makesDate(node)) context.report({ node, message });
      },
    };
  },
};

export default { meta: { name: 'determinism' }, rules: { 'no-ambient-date': noAmbientDate } };
