/**
 * A view with every field named: what is undefined is left out of its JSON. Of the same shape for every record, which V8
 * makes several times as quickly as one that is put together from those fields that are there.
 */
export type Shown<View> = { readonly [Field in keyof View]-?: View[Field] | undefined };
