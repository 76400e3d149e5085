/**
 * What is compiled in AWS's runtime client for Node.js, in JavaScript: to be loaded before it.
 *
 *     node --require ./rapid_client.cjs aws-lambda-ric/index.mjs items.handler
 *
 * It asks the Runtime API for an event and hands in the answer. Compiling it takes CMake, autotools
 * and minutes. The client loads node:http for streams in any case, so this adds nothing to INIT.
 */
const { Agent, request } = require("node:http");
const Module = require("node:module");

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const options = { agent, hostname, port, method, headers };
    const sent = request({ ...options, path: `/2018-06-01/runtime/invocation/${path}` }, (answer) => {
      const chunks = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("end", () =>
        resolve({ bodyJson: Buffer.concat(chunks).toString(), headers: answer.headers }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

const client = {
  next: () => call("GET", "next"),
  done: (id, answer) => void call("POST", `${id}/response`, answer),
  error: (id, answer) => void call("POST", `${id}/error`, answer),
};

Module._extensions[".node"] = (module) => {
  module.exports = client;
};
