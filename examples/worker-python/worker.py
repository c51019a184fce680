#!/usr/bin/env python3
"""A worker for Simple Scheduler on plain pika: it knows nothing but AMQP.

    python worker.py --job send-report --url amqp://guest:guest@localhost:5672/

One thread, the main one, talks to the broker; each run works in a thread of its own. What a worker owes the scheduler
is in docs/workers.md, what this one does for a run is in `do_work`.
"""

import argparse
import collections
import json
import os
import queue
import random
import signal
import socket
import sys
import threading
import time

import pika
from pika.exceptions import AMQPError, ChannelClosedByBroker, UnroutableError

WORKER_ID = f"{socket.gethostname()}:{os.getpid()}"
LOOP_S = 0.5  # between two looks at what there is to do
REMEMBERED = 10_000  # runs that ended, or were cancelled, and may be asked for again
LOOK_AGAIN_S = 3  # for a job that was deleted and may be back
UNHEARD_S = 90  # how long to repeat a status that nobody hears: schedulers bind a used exchange again within about a minute
REPEAT_S = 1  # between two tries of it
OUTPUT_CHARS = 128 * 1024  # a scheduler keeps 64 KiB and cuts the rest; a status of many MiB it refuses, and the run would never end
GOODBYE_S = 3  # for what is still to be told after the runs have had their time
PERSISTENT = pika.BasicProperties(content_type="application/json", delivery_mode=2)


def do_work(run, seconds):
    """Your part: the work of one run. `run.payload` is what the job gave along; look at `run.stop` now and then.

    Returns the output, any JSON; what it raises fails the run. With `run.stop` set, either ends it as `run.reason` says.
    """
    payload = run.payload if isinstance(run.payload, dict) else {}
    seconds = payload.get("workMs", seconds * 1000) / 1000
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        if run.stop.wait(min(0.1, max(0.0, started + seconds - time.monotonic()))):
            return None
        run.progress = min(1.0, (time.monotonic() - started) / seconds)
    if "fail" in payload:
        raise RuntimeError(payload["fail"])
    return {"worker": WORKER_ID, "worked": seconds}


class Run:
    """One attempt at one run."""

    def __init__(self, base, action):
        self.base = base
        self.job_name = action["jobName"]
        self.run_id = action["runId"]
        self.attempt = action.get("attempt", 1)
        self.payload = action.get("payload")
        self.beat_every = action.get("heartbeatTimeout", 0) / 1000 / 3  # seconds; 0: nobody waits for heartbeats
        self.next_beat = time.monotonic() + self.beat_every
        self.progress = None
        self.stop = threading.Event()  # set when the work should end early; `reason` says why
        self.reason = None

    def abort(self, reason):
        self.reason = self.reason or reason
        self.stop.set()

    def message(self, **fields):
        return {"jobName": self.job_name, "runId": self.run_id, "attempt": self.attempt, **fields}


class Status:
    """How a run ended, on its way."""

    def __init__(self, exchange, message):
        self.exchange = exchange
        self.message = message
        self.give_up_at = time.monotonic() + UNHEARD_S
        self.next_try = 0.0


class Worker:
    def __init__(self, options):
        self.options = options
        # Exchanges, and the queue of a job or work queue, are called <base>.action, <base>.status, <base>.heartbeat.
        self.bases = [f"scheduler.job.{name}" for name in options.job]
        self.bases += [f"scheduler.queue.{name}" for name in options.queue]
        self.active = {}  # run id -> Run
        self.superseded = set()  # older attempts that are on their way out
        self.ended = collections.OrderedDict()  # run id -> (attempt, exchange, status)
        self.cancelled = collections.OrderedDict()  # run id -> True
        self.outbox = collections.deque()  # Status that the broker has not confirmed, or nobody has heard
        self.gone = {}  # base of a deleted job -> when to look for it again
        self.results = queue.SimpleQueue()  # (run, status fields), from the threads that work
        self.stop_requested = threading.Event()
        self.stop_deadline = None

    # -- the connection ------------------------------------------------------------------------------------------

    def run_forever(self):
        """Connects again for ever, until stopped and done."""
        parameters = pika.URLParameters(self.options.url)
        if "heartbeat=" not in self.options.url:
            parameters.heartbeat = 10
        failures = 0
        while not (self.stop_requested.is_set() and not self.active and not self.outbox):
            started = time.monotonic()
            try:
                connection = pika.BlockingConnection(parameters)
                try:
                    self.serve(connection)
                    return
                finally:
                    if connection.is_open:
                        connection.close()
            except (AMQPError, OSError) as error:
                failures = 1 if time.monotonic() - started > 15 else failures + 1
                delay = min(10.0, 0.2 * 2 ** min(failures, 10)) * random.uniform(0.5, 1)
                say("disconnected", type(error).__name__, f"retry in {delay:.1f} s")
                if self.out_of_time():
                    return
                (time.sleep if self.stop_requested.is_set() else self.stop_requested.wait)(delay)

    def serve(self, connection):
        self.connection = connection
        self.channel = connection.channel()
        self.channel.confirm_delivery()  # from here on basic_publish returns when the broker has the message
        self.channel.basic_qos(prefetch_count=1)
        self.channel.add_on_cancel_callback(lambda frame: self.lost(frame.method.consumer_tag))
        self.inbox = collections.deque()  # (base, delivery tag or None, body)
        self.consumers = {}  # base -> consumer tag
        self.cancels = self.channel.queue_declare("", exclusive=True, auto_delete=True).method.queue
        for base in [base for base in self.bases if base not in self.gone]:
            for kind in ("action", "status", "heartbeat"):
                self.channel.exchange_declare(f"{base}.{kind}", "topic", durable=True)
            self.channel.queue_declare(f"{base}.action", durable=True)
            self.channel.queue_bind(f"{base}.action", f"{base}.action", "#")
            self.channel.queue_bind(self.cancels, f"{base}.action", "cancel")
        # Cancels go to every worker: the one that has the run must hear it, whoever takes it from the action queue.
        on_cancel = lambda _channel, _method, _properties, body: self.inbox.append((None, None, body))
        self.channel.basic_consume(self.cancels, on_cancel, auto_ack=True)
        for run in list(self.active.values()):  # a cancel may have been missed; who hears this repeats it
            self.publish(f"{run.base}.status", run.message(status="running", workerId=WORKER_ID))
        say("ready", WORKER_ID, " ".join(self.bases))
        while True:
            self.choose_consumers()
            connection.process_data_events(time_limit=LOOP_S)  # ends early when something came, or a thread woke us
            if self.channel.is_closed:
                raise ChannelClosedByBroker(0, "the channel was closed")
            while self.inbox:
                self.receive(*self.inbox.popleft())
            self.collect_results()
            self.send_outbox()
            self.send_heartbeats()
            if self.stop_requested.is_set() and self.is_drained():
                return

    def choose_consumers(self):
        """An action is acknowledged when its run starts, so a full worker has to leave the queues to others."""
        has_room = len(self.active) < self.options.concurrency and not self.stop_requested.is_set()
        if not has_room:
            for tag in self.consumers.values():
                self.channel.basic_cancel(tag)  # what was not handled yet goes back
            self.consumers.clear()
            return
        for base in self.bases:
            if base in self.consumers or (base in self.gone and not self.is_back(base)):
                continue
            on_action = lambda _channel, method, _properties, body, base=base: self.inbox.append(
                (base, method.delivery_tag, body)
            )
            self.consumers[base] = self.channel.basic_consume(f"{base}.action", on_action)

    def lost(self, consumer_tag):
        """The broker ended a consumer: its job was deleted. Declaring it again would leave its remains for ever."""
        for base, tag in list(self.consumers.items()):
            if tag == consumer_tag:
                del self.consumers[base]
                self.mark_gone(base)

    def mark_gone(self, base):
        self.gone[base] = time.monotonic() + LOOK_AGAIN_S
        say("gone", base)

    def is_back(self, base):
        if time.monotonic() < self.gone[base]:
            return False
        self.gone[base] = time.monotonic() + LOOK_AGAIN_S
        probe = self.connection.channel()  # the broker closes a channel that asks for what is not there
        try:
            probe.queue_declare(f"{base}.action", passive=True)
            probe.queue_bind(self.cancels, f"{base}.action", "cancel")
            probe.close()
        except ChannelClosedByBroker:
            return False
        del self.gone[base]
        return True

    # -- actions -------------------------------------------------------------------------------------------------

    def receive(self, base, tag, body):
        try:
            action = json.loads(body)
            run_id, kind, attempt = action["runId"], action["action"], action.get("attempt", 1)
            if kind == "cancel":
                remember(self.cancelled, run_id, True)
                if run_id in self.active:
                    self.active[run_id].abort("cancelled")
            elif kind == "run" and base is not None:
                self.receive_run(Run(base, action), attempt, tag)
                return
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            say("invalid", repr(error), repr(body[:200]))  # once; it would be no better the next time
        self.ack(tag)

    def receive_run(self, run, attempt, tag):
        known = self.active.get(run.run_id)
        last = self.ended.get(run.run_id)
        if known is not None and attempt <= known.attempt:
            if attempt == known.attempt:  # the same once more: our `running` may have been lost
                self.publish(f"{run.base}.status", run.message(status="running", workerId=WORKER_ID))
        elif last is not None and attempt <= last[0]:
            if attempt == last[0]:
                self.publish(last[1], last[2])
        elif run.run_id in self.cancelled:
            self.end(run, {"status": "cancelled"})
        elif len(self.active) >= self.options.concurrency and known is None:
            self.channel.basic_nack(tag, requeue=True)
            return
        else:
            self.start(run, known, tag)
            return
        self.ack(tag)

    def start(self, run, older, tag):
        if older is not None:  # given up by the scheduler: it says nothing more
            older.abort("superseded")
            self.superseded.add(older)
        self.publish(f"{run.base}.status", run.message(status="running", workerId=WORKER_ID))
        # Confirmed, so acknowledge now and not at the end: the broker waits half an hour at most. Should the connection
        # break before this, somebody gets the action again; should we crash after it, the heartbeats stop.
        self.ack(tag)
        self.active[run.run_id] = run
        say("running", run.job_name, run.run_id, run.attempt)
        threading.Thread(target=self.work, args=(run,), daemon=True).start()

    def work(self, run):
        """In a thread of its own."""
        stopped = {"cancelled": {"status": "cancelled"}, "shutdown": {"status": "failed", "error": "worker stopped"}}
        try:
            output = do_work(run, self.options.work_ms / 1000)
            if output is None and run.reason in stopped:
                fields = stopped[run.reason]
            else:
                fields = {"status": "completed", "output": fitting(output)}
        except BaseException as error:  # whatever the work raises is how the run ended, also sys.exit()
            fields = stopped.get(run.reason) or {"status": "failed", "error": f"{type(error).__name__}: {error}"}
        self.results.put((run, fields))
        try:
            self.connection.add_callback_threadsafe(lambda: None)  # wakes the main thread
        except AMQPError:
            pass  # it looks when it is connected again

    # -- statuses ------------------------------------------------------------------------------------------------

    def collect_results(self):
        while not self.results.empty():
            run, fields = self.results.get()
            if run in self.superseded:
                self.superseded.discard(run)
                continue
            if self.active.get(run.run_id) is run:
                del self.active[run.run_id]
                self.end(run, fields)

    def end(self, run, fields):
        status = run.message(workerId=WORKER_ID, **fields)
        remember(self.ended, run.run_id, (run.attempt, f"{run.base}.status", status))
        self.outbox.append(Status(f"{run.base}.status", status))
        say(fields["status"], run.job_name, run.run_id, run.attempt)

    def send_outbox(self):
        for status in list(self.outbox):
            now = time.monotonic()
            if now < status.next_try:
                continue
            is_heard = self.publish(status.exchange, status.message)  # raises where it is not confirmed: then it is sent again
            if is_heard or now >= status.give_up_at:
                self.outbox.remove(status)
            status.next_try = now + REPEAT_S

    def send_heartbeats(self):
        now = time.monotonic()
        for run in self.active.values():
            if run.beat_every > 0 and now >= run.next_beat:
                run.next_beat = now + run.beat_every
                progress = {} if run.progress is None else {"progress": round(run.progress, 3)}
                self.publish(f"{run.base}.heartbeat", run.message(**progress))

    def publish(self, exchange, message):
        """Returns whether somebody will hear it."""
        try:
            self.channel.basic_publish(exchange, "worker", json.dumps(message).encode(), PERSISTENT, mandatory=True)
            return True
        except UnroutableError:
            say("unheard", exchange, message["runId"])
            return False
        except ChannelClosedByBroker as error:
            if error.reply_code == 404:  # the job was deleted: nobody wants to know any more
                self.mark_gone(exchange.rpartition(".")[0])
                self.outbox = collections.deque(status for status in self.outbox if status.message is not message)
            raise

    def ack(self, tag):
        if tag is not None:
            self.channel.basic_ack(tag)

    # -- stopping ------------------------------------------------------------------------------------------------

    def request_stop(self, *_):
        if self.stop_requested.is_set():
            return
        seconds = self.options.stop_ms / 1000
        self.stop_deadline = time.monotonic() + seconds
        self.stop_requested.set()
        # A broker that takes nothing (low on memory or disk) confirms nothing either, and the main thread waits for it.
        last_resort = threading.Timer(seconds + 2 * GOODBYE_S, self.leave)
        last_resort.daemon = True
        last_resort.start()

    def leave(self):
        say("stopped", "before all was told")
        os._exit(0)

    def out_of_time(self, grace=0):
        return self.stop_deadline is not None and time.monotonic() > self.stop_deadline + grace

    def is_drained(self):
        if self.out_of_time():
            for run in self.active.values():
                run.abort("shutdown")
        if self.out_of_time(grace=1):  # work that does not heed `stop`
            for run in list(self.active.values()):
                del self.active[run.run_id]
                self.end(run, {"status": "failed", "error": "worker stopped"})
        return not self.active and (not self.outbox or self.out_of_time(grace=GOODBYE_S))


def fitting(output):
    """The output; of a very long one the beginning, as text. Raises where it is no JSON, as `nan` is not."""
    text = json.dumps(output, allow_nan=False)
    if len(text) <= OUTPUT_CHARS:
        return output
    return (output if isinstance(output, str) else text)[:OUTPUT_CHARS]


def remember(memory, key, value):
    memory[key] = value
    if len(memory) > REMEMBERED:
        memory.popitem(last=False)


def say(*words):
    print(*words, flush=True)


def parse_options():
    def names(variable):
        return [name for name in os.environ.get(variable, "").split(",") if name]

    parser = argparse.ArgumentParser(description="An example worker for Simple Scheduler.")
    parser.add_argument("--url", default=os.environ.get("AMQP_URL", "amqp://guest:guest@localhost:5672/"))
    parser.add_argument("--job", action="append", help="a job to work for; repeatable")
    parser.add_argument("--queue", action="append", help="a work queue; repeatable")
    parser.add_argument("--work-ms", type=int, default=int(os.environ.get("WORK_MS", "200")), help="how long a run takes")
    parser.add_argument("--concurrency", type=int, default=int(os.environ.get("CONCURRENCY", "1")))
    parser.add_argument("--stop-ms", type=int, default=int(os.environ.get("STOP_MS", "8000")), help="for runs to end")
    options = parser.parse_args()
    options.job = options.job or names("WORKER_JOBS")
    options.queue = options.queue or names("WORKER_QUEUES")
    if not options.job and not options.queue:
        parser.error("name at least one --job or --queue (or WORKER_JOBS, WORKER_QUEUES)")
    return options


if __name__ == "__main__":
    worker = Worker(parse_options())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, worker.request_stop)
    worker.run_forever()
    say("stopped")
    sys.exit(0)
