// As much of a browser as React needs to render a component that draws nothing. Import it first.
//
// The renderer for tests, which needs none of it, lets updates wait for one another; in a browser
// React shows each of them before a hook sees the next.
globalThis.window = globalThis;
globalThis.HTMLIFrameElement = class {};
globalThis.document = Object.assign(new EventTarget(), {
  nodeType: 9,
  visibilityState: "visible",
  hidden: false,
  activeElement: null,
  defaultView: globalThis,
});

/** An element to render into. */
export const element = () =>
  Object.assign(new EventTarget(), {
    nodeType: 1,
    ownerDocument: document,
    tagName: "DIV",
    namespaceURI: "http://www.w3.org/1999/xhtml",
  });
