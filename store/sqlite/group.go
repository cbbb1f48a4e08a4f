package sqlite

import "fmt"

// maxGroup is how many calls at most join another in its commit: enough that
// each pays a small part of the sync to disk, few enough that none waits long.
const maxGroup = 100

// run commits jobs in groups until the store is closed.
func (w *writer) run() {
	defer close(w.done)
	for {
		select {
		case j := <-w.jobs:
			w.crowded.Store(true) // no caller gets ahead of the job
			w.turn.Lock()
			group := w.group(j)
			w.crowded.Store(len(group) > 1)
			w.commit(group, w.begin())
			w.turn.Unlock()
		case <-w.stop:
			return
		}
	}
}

// group returns a job and those that wait now.
func (w *writer) group(first *job) []*job {
	group := []*job{first}
	for range maxGroup {
		select {
		case j := <-w.jobs:
			group = append(group, j)
		default:
			return group
		}
	}
	return group
}

// commit runs the jobs of a group in the transaction that begin began, and
// answers all of them. err is the error of begin.
func (w *writer) commit(group []*job, err error) {
	answers := make([]error, len(group))
	if err == nil {
		if err = w.file.check(); err != nil {
			w.rollback()
		}
	}
	if err == nil {
		err = w.runAll(group, answers)
	}
	if err == nil {
		if gone := w.file.check(); gone != nil {
			err = fmt.Errorf("sqlite: the outcome is unknown: %v", gone) // %v, because gone wraps store.ErrNotWritten
		}
	}
	for i, j := range group {
		if err != nil {
			// Also to refused jobs: they may rest on writes of this
			// transaction.
			answers[i] = err
		}
		j.answer <- answers[i]
	}
}

// runAll runs the jobs of a transaction that has begun, and ends it.
func (w *writer) runAll(group []*job, answers []error) error {
	alone := len(group) == 1
	for i, j := range group {
		if !j.state.CompareAndSwap(waiting, taken) {
			continue
		}
		var lost error
		if answers[i], lost = w.runOne(j, alone); lost != nil {
			w.rollback()
			return undone(lost)
		}
	}
	if alone && answers[0] != nil {
		w.rollback()
		return nil
	}
	if err := w.statements.control("commit"); err != nil {
		w.rollback()
		return uncommitted(err)
	}
	return nil
}

// runOne runs a job, inside a savepoint unless it is alone. It returns the
// answer to the job, and the error lost if the whole transaction is lost. If a
// job that is alone has an error, its caller rolls the transaction back.
func (w *writer) runOne(j *job, alone bool) (answer, lost error) {
	t := &tx{conn: w.conn, statements: w.statements, alone: alone}
	answer = j.run(t)
	if t.err != nil {
		return nil, t.err
	}
	if !t.wrote || alone {
		return answer, nil
	}
	if answer != nil {
		if err := t.command("ROLLBACK TO job"); err != nil {
			return nil, err
		}
	}
	return answer, w.statements.control("end savepoint")
}
