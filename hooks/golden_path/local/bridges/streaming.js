// What Lambda's runtime of Node.js offers to functions that stream: here an answer is whole.
globalThis.awslambda = (() => {
  const { Writable } = require("node:stream");
  const heads = new WeakMap();

  function streamifyResponse(handler) {
    return async (event, context) => {
      const pieces = [];
      const out = new Writable({
        write(piece, _encoding, done) {
          pieces.push(piece);
          done();
        },
      });
      out.setContentType = () => {};
      const ended = new Promise((resolve, reject) => out.on("finish", resolve).on("error", reject));
      await handler(event, out, context);
      await ended;
      const body = Buffer.concat(pieces).toString();
      if (heads.has(out)) {
        return JSON.stringify(heads.get(out)) + "\0".repeat(8) + body;
      }
      return JSON.parse(body); // of who does not come by HTTP
    };
  }

  const HttpResponseStream = {
    from(out, head) {
      heads.set(out, head);
      return out;
    },
  };
  return { HttpResponseStream, streamifyResponse };
})();
