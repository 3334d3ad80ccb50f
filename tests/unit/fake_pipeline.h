/*
 * tests/unit/fake_pipeline.h - a pipeline whose arrivals are lines and whose
 * messages are their first words: "die", "spin", "eat", "wait", "good A" ...
 */
#ifndef TESTS_UNIT_FAKE_PIPELINE_H
#define TESTS_UNIT_FAKE_PIPELINE_H

/* What children tell the test, in memory that both see. */
struct shared {
	volatile int running, most, descriptors, reader;
	volatile int go; /* from the test: "wait" ends */
};
extern struct shared *shared;

#endif
